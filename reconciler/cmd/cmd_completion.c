/* What a shell can complete, from the rows of verbs and options. */
#include "base/str.h"
#include "cmd/cmd.h"

#include <string.h>

static const char subjects[] = "vm/ gpu/ pool/ node/ cluster/";

static bool takes(const struct cmd *cmd, enum option_id id)
{
    for (const enum option_id *o = cmd->options; *o != OPT_END; o++)
        if (*o == id)
            return true;
    return id == OPT_HELP;
}

static bool is_file(const struct option *o)
{
    return o->value && (strstr(o->value, "FILE") || strstr(o->value, "FOLDER"));
}

static const char *formats(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < FORMATS; i++)
        text_printf(&t, "%s%s", i ? " " : "", format_words[i]);
    return text_done(&t);
}

/* "auto always" with spaces; NULL where the value is none of a few words. */
static const char *words_of(struct arena *a, const struct option *o)
{
    char *words;

    if (o->kind == OPTION_FORMAT)
        return formats(a);
    if (o->kind == OPTION_LIST && str_eq(o->value, "SUBJECT"))
        return subjects;
    if (o->kind != OPTION_WORD)
        return NULL;
    words = arena_strdup(a, o->value);
    for (char *s = words; *s; s++)
        *s = (char)(*s == '|' ? ' ' : *s);
    return words;
}

static void verbs(struct text *t, const char *between, const char *quote)
{
    for (size_t i = 0; i < cmd_row_count; i++)
        if (!cmd_has_two(cmd_rows[i]))
            text_printf(t, "%s%s%s%s", i ? between : "", quote, cmd_rows[i]->name, quote);
}

/* Second words of verbs: "plan diff" in the first place, "diff" in the second. */
static const char *second_of(const struct cmd *cmd)
{
    return cmd_has_two(cmd) ? strchr(cmd->name, ' ') + 1 : NULL;
}

static void options_of(struct text *t, const struct cmd *cmd, const char *between,
                       const char *quote)
{
    bool first = true;

    for (size_t i = 0; i < option_row_count; i++) {
        if (!takes(cmd, option_rows[i].id))
            continue;
        text_printf(t, "%s%s%s%s", first ? "" : between, quote, option_rows[i].name, quote);
        first = false;
    }
}

/* ---- bash ---- */

static void bash_values(struct text *t, struct arena *a)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option *o = &option_rows[i];
        const char *words = words_of(a, o);
        char letter[] = {'|', '-', o->letter, '\0'};

        if (o->kind == OPTION_FLAG)
            continue;
        text_printf(t, "    %s%s) ", o->name, o->letter ? letter : "");
        if (words)
            text_printf(t, "COMPREPLY=($(compgen -W '%s' -- \"$cur\")) ;;\n", words);
        else
            text_printf(t, "%s ;;\n", is_file(o) ? "_hvgpu_files" : "COMPREPLY=()");
    }
}

/* Behind a verb its second words, beside what else may stand there; then they belong to it. */
static void bash_seconds(struct text *t)
{
    text_add(t, "    local seconds=''\n"
                "    case $verb in\n");
    for (size_t i = 0; i < cmd_row_count; i++)
        if (cmd_has_two(cmd_rows[i]))
            text_printf(t, "    %.*s) seconds=\"$seconds %s\" ;;&\n",
                        (int)strcspn(cmd_rows[i]->name, " "), cmd_rows[i]->name,
                        second_of(cmd_rows[i]));
    text_add(t,
             "    esac\n"
             "    if ((COMP_CWORD > 2)) && [[ \" $seconds \" == *\" ${COMP_WORDS[2]} \"* ]]; then\n"
             "        verb=\"$verb ${COMP_WORDS[2]}\"\n"
             "    fi\n");
}

static const char *bash(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "# bash completion of hvgpu; use it with:  source <(hvgpu completion bash)\n"
                 "_hvgpu() {\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev='' verb=${COMP_WORDS[1]}\n"
                 "    ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    COMPREPLY=()\n"
                 "    if ((COMP_CWORD == 1)); then\n"
                 "        COMPREPLY=($(compgen -W '");
    verbs(&t, " ", "");
    text_add(&t, " --sim --help --version' -- \"$cur\"))\n"
                 "        return\n"
                 "    fi\n");
    bash_seconds(&t);
    text_add(&t, "    case $prev in\n");
    bash_values(&t, a);
    text_add(&t, "    *) _hvgpu_words ;;\n"
                 "    esac\n"
                 "    [[ ${COMPREPLY[0]-} == */ ]] && compopt -o nospace 2>/dev/null\n"
                 "    return 0\n"
                 "}\n"
                 "_hvgpu_words() {\n"
                 "    local options=''\n"
                 "    case $verb in\n");
    for (size_t i = 0; i < cmd_row_count; i++) {
        const char *quote = cmd_has_two(cmd_rows[i]) ? "'" : "";

        text_printf(&t, "    %s%s%s) options='", quote, cmd_rows[i]->name, quote);
        options_of(&t, cmd_rows[i], " ", "");
        text_add(&t, "' ;;\n");
    }
    text_printf(&t,
                "    esac\n"
                "    if [[ $cur == -* ]]; then\n"
                "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                "    elif [[ $verb == why && $COMP_CWORD == 2 ]]; then\n"
                "        COMPREPLY=($(compgen -W '%s' -- \"$cur\"))\n"
                "    elif [[ $verb == completion ]]; then\n"
                "        COMPREPLY=($(compgen -W 'bash powershell' -- \"$cur\"))\n"
                "    elif [[ $verb == help ]]; then\n"
                "        COMPREPLY=($(compgen -W '",
                subjects);
    verbs(&t, " ", "");
    text_add(&t, "' -- \"$cur\"))\n"
                 "    elif [[ $verb != explain && $verb != version ]]; then\n"
                 "        _hvgpu_files\n"
                 "        if ((COMP_CWORD == 2)) && [[ $seconds ]]; then\n"
                 "            COMPREPLY+=($(compgen -W \"$seconds\" -- \"$cur\"))\n"
                 "        fi\n"
                 "    fi\n"
                 "}\n"
                 "_hvgpu_files() {\n"
                 "    local IFS=$'\\n'\n"
                 "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                 "}\n"
                 "complete -o filenames -F _hvgpu hvgpu\n");
    return text_done(&t);
}

/* ---- PowerShell ---- */

/* A list of words as a PowerShell array. */
static void array_of(struct text *t, struct arena *a, const char *words)
{
    text_add(t, "@(");
    for (const char *s = words; *s;) {
        size_t size = strcspn(s, " ");

        text_printf(t, "%s'%s'", s == words ? "" : ", ", arena_strndup(a, s, size));
        s += size + (s[size] == ' ');
    }
    text_add(t, ")");
}

static void powershell_values(struct text *t, struct arena *a)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option *o = &option_rows[i];
        const char *words = words_of(a, o);

        if (o->kind == OPTION_FLAG || is_file(o))
            continue;
        text_printf(t, "    '%s' = ", o->name);
        array_of(t, a, words ? words : "");
        text_add(t, "\n");
        if (!o->letter)
            continue;
        text_printf(t, "    '-%c' = ", o->letter);
        array_of(t, a, words ? words : "");
        text_add(t, "\n");
    }
}

static const char *powershell(struct arena *a)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, "# PowerShell completion of hvgpu; use it with:\n"
                 "#   hvgpu completion powershell | Out-String | Invoke-Expression\n"
                 "$HvgpuOptions = @{\n");
    for (size_t i = 0; i < cmd_row_count; i++) {
        text_printf(&t, "    '%s' = @(", cmd_rows[i]->name);
        options_of(&t, cmd_rows[i], ", ", "'");
        text_add(&t, ")\n");
    }
    text_add(&t, "}\n"
                 "# What may follow an option; where it is missing here, a file.\n"
                 "$HvgpuValues = @{\n");
    powershell_values(&t, a);
    text_add(&t,
             "}\n"
             "Register-ArgumentCompleter -Native -CommandName hvgpu, hvgpu.exe -ScriptBlock {\n"
             "    param($word, $ast, $cursor)\n"
             "    $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })\n"
             "    $at = if ($word) { $words.Count - 1 } else { $words.Count }\n"
             "    $before = if ($at -gt 0) { $words[$at - 1] } else { '' }\n"
             "    $verb = if ($words.Count -gt 1) { $words[1] } else { '' }\n"
             "    $two = if ($at -gt 2) { \"$verb $($words[2])\" } else { '' }\n"
             "    if ($two -and $HvgpuOptions.ContainsKey($two)) { $verb = $two }\n"
             "    $verbs = $HvgpuOptions.Keys | Where-Object { $_ -notlike '* *' } | Sort-Object\n"
             "    $found = if ($at -le 1) { $verbs }\n"
             "        elseif ($HvgpuValues.ContainsKey($before)) { $HvgpuValues[$before] }\n"
             "        elseif ($word -like '-*') { $HvgpuOptions[$verb] }\n");
    text_add(&t, "        elseif ($verb -eq 'why' -and $at -eq 2) { ");
    array_of(&t, a, subjects);
    text_add(&t, " }\n"
                 "        elseif ($verb -eq 'completion') { @('bash', 'powershell') }\n"
                 "        elseif ($verb -eq 'help') { $verbs }\n"
                 "        elseif ($at -eq 2) {\n"
                 "            $HvgpuOptions.Keys | Where-Object { $_ -like \"$verb *\" } |\n"
                 "                ForEach-Object { $_.Substring($verb.Length + 1) }\n"
                 "        }\n"
                 "    $found | Where-Object { $_ -like \"$word*\" } | ForEach-Object {\n"
                 "        [System.Management.Automation.CompletionResult]::new($_)\n"
                 "    }\n"
                 "}\n");
    return text_done(&t);
}

static enum exit_code run(struct call *call)
{
    static const struct {
        const char *name;
        const char *(*text)(struct arena *a);
    } shells[] = {{"bash", bash}, {"powershell", powershell}};
    struct err e;

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (str_eq(call->args[0], shells[i].name)) {
            cmd_print(shells[i].text(call->arena));
            return EXIT_IN_SYNC;
        }
    err_set(&e, ERR_USAGE, 0, "completion: \"%s\" is neither bash nor powershell", call->args[0]);
    return cmd_fail(&e);
}

static const enum option_id options[] = {OPT_END};

const struct cmd cmd_completion = {
    .name = "completion",
    .usage = "bash | powershell",
    .line = "a script that lets a shell complete verbs, options and their words",
    .options = options,
    .least = 1,
    .most = 1,
    .text = "bash:        source <(hvgpu completion bash)\n"
            "PowerShell:  hvgpu completion powershell | Out-String | Invoke-Expression",
    .run = run,
};
