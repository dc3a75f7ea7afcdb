/*
 * Runs a command several times with its output read and dropped; prints the
 * best wall time, its time to the first byte of output, the processor time and
 * the largest memory:
 *
 *   measure RUNS COMMAND [ARGUMENT...]
 *   wall 0.123456 first 0.012345 cpu 0.120000 kib 12345 exit 2
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct cost {
    double wall, first, cpu;
    long kib;
    int exit;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static struct cost run(char **argv)
{
    struct cost c = {0};
    struct rusage used;
    char room[65536];
    int ends[2], status;
    double began = now();
    pid_t pid;

    if (pipe(ends) != 0 || (pid = fork()) < 0) {
        perror("measure");
        exit(1);
    }
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    close(ends[1]);
    if (read(ends[0], room, 1) == 1)
        c.first = now() - began;
    while (read(ends[0], room, sizeof room) > 0)
        continue;
    close(ends[0]);
    if (wait4(pid, &status, 0, &used) != pid) {
        perror("measure");
        exit(1);
    }
    c.wall = now() - began;
    c.cpu = seconds(used.ru_utime) + seconds(used.ru_stime);
    c.kib = used.ru_maxrss;
    c.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return c;
}

int main(int argc, char **argv)
{
    int runs = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    struct cost best = {0};

    if (runs < 1) {
        fprintf(stderr, "usage: measure RUNS COMMAND [ARGUMENT...]\n");
        return 64;
    }
    for (int i = 0; i < runs; i++) {
        struct cost c = run(argv + 2);

        if (i == 0 || c.wall < best.wall)
            best = c;
    }
    printf("wall %.6f first %.6f cpu %.6f kib %ld exit %d\n", best.wall, best.first, best.cpu,
           best.kib, best.exit);
    return 0;
}
