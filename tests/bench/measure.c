/*
 * Runs two commands turn by turn, with their output read and dropped, and
 * prints what the second costs as a multiple of the first: of each round the
 * ratio, of all rounds the median.  Other work on the machine then meets both.
 *
 *   measure ROUNDS FLOOR [ARGUMENT...] -- COMMAND [ARGUMENT...]
 *   floor 0.100 wall 0.123 ratio 1.23 first 0.012 cpu 1.25 kib 12345 exit 2
 *
 * floor, wall and first (to the first byte of output) are medians in seconds;
 * cpu is the ratio of processor time; kib the largest memory of the command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ROUNDS = 99 };

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

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_size);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static int compare(int rounds, char **floor_argv, char **argv)
{
    double floor[MOST_ROUNDS], wall[MOST_ROUNDS], ratio[MOST_ROUNDS], first[MOST_ROUNDS];
    double cpu[MOST_ROUNDS];
    struct cost last = {0};
    long kib = 0;

    for (int i = 0; i < rounds; i++) {
        struct cost f = run(floor_argv);

        last = run(argv);
        if (f.exit != 0) {
            fprintf(stderr, "measure: %s failed\n", floor_argv[0]);
            return 1;
        }
        floor[i] = f.wall;
        wall[i] = last.wall;
        first[i] = last.first;
        ratio[i] = last.wall / f.wall;
        cpu[i] = last.cpu / f.cpu;
        kib = last.kib > kib ? last.kib : kib;
    }
    printf("floor %.4f wall %.4f ratio %.2f first %.4f cpu %.2f kib %ld exit %d\n",
           median(floor, rounds), median(wall, rounds), median(ratio, rounds),
           median(first, rounds), median(cpu, rounds), kib, last.exit);
    return 0;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, at = 2;

    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    if (rounds < 1 || rounds > MOST_ROUNDS || at < 3 || at + 1 >= argc) {
        fprintf(stderr, "usage: measure ROUNDS FLOOR [ARGUMENT...] -- COMMAND [ARGUMENT...]\n");
        return 64;
    }
    argv[at] = NULL;
    return compare(rounds, argv + 2, argv + at + 1);
}
