/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: argp with one child parser per group of shared options. Names are looked up before argp
 * sees them, because argp can only say that an option is unknown, not which one was meant. */
#include "cli.h"

#include "sevens/text.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Keys of shared options without a short name; commands use keys from 256 to 999. */
enum {
    OPTION_JSON = 1000,
    OPTION_AT,
    OPTION_SET,
    OPTION_BACKEND,
    OPTION_THREADS,
    OPTION_PRECISION
};

typedef struct parse_context {
    sevens_cli *cli;
    const sevens_cli_usage *usage;
    void *own;
    sevens_error *err;
} parse_context;

static const struct argp_option output_options[] = {
    {"json", OPTION_JSON, NULL, 0, "one JSON document on standard output, and nothing else", -4},
    {"quiet", 'q', NULL, 0, "no log and no progress", -4},
    {"verbose", 'v', NULL, 0, "say what was read and chosen", -4},
    {0},
};

static const struct argp_option scan_options[] = {
    {"at", OPTION_AT, "NAME=VALUE", 0, "fix a parameter; an axis of that name goes (repeatable)",
     -3},
    {"set", OPTION_SET, "KEY.PATH=VALUE", 0,
     "override the scan file, as in axes.0.n=1500 (repeatable)", -3},
    {0},
};

static const struct argp_option backend_options[] = {
    {"backend", OPTION_BACKEND, "NAME", 0, "auto, serial, openmp or cuda (default: auto)", -2},
    {"threads", OPTION_THREADS, "N", 0, "threads (default 0: all cores)", -2},
    {"precision", OPTION_PRECISION, "NAME", 0, "f64 or f32 arithmetic (default: f64)", -2},
    {0},
};

/* What argp adds to every command. */
static const struct argp_option builtin_options[] = {
    {"help", '?', NULL, 0, NULL, 0},
    {"usage", 256 + 1, NULL, 0, NULL, 0},
    {"version", 'V', NULL, 0, NULL, 0},
    {0},
};

enum { N_TABLES = 5, MAX_OPTIONS = 64 };

/* All options of a command in one list. */
typedef struct option_list {
    size_t n;
    const struct argp_option *option[MAX_OPTIONS];
} option_list;

static void list_append(option_list *list, const struct argp_option *table)
{
    for (; table != NULL && table->name != NULL && list->n < MAX_OPTIONS; table++)
        list->option[list->n++] = table;
}

static void list_options(option_list *list, const sevens_cli_usage *usage)
{
    list->n = 0;
    list_append(list, usage->options);
    if (usage->shared & SEVENS_CLI_OUTPUT)
        list_append(list, output_options);
    if (usage->shared & SEVENS_CLI_SCAN)
        list_append(list, scan_options);
    if (usage->shared & SEVENS_CLI_BACKEND)
        list_append(list, backend_options);
    list_append(list, builtin_options);
}

static sevens_status unknown_option(const option_list *list, const char *command, const char *word,
                                    size_t length, sevens_error *err)
{
    const char *names[MAX_OPTIONS];
    char typed[64], suggestion[SEVENS_SUGGESTION];
    size_t meant;

    for (size_t i = 0; i < list->n; i++)
        names[i] = list->option[i]->name;
    snprintf(typed, sizeof typed, "%.*s", (int)length, word);
    meant = sevens_meant(typed, names, list->n);
    snprintf(suggestion, sizeof suggestion, meant < list->n ? "; did you mean '--%s'?" : "%s",
             meant < list->n ? names[meant] : "");
    return sevens_fail(err, SEVENS_ERR_INPUT,
                       "unknown option '--%s'%s ('sevens %s --help' lists all)", typed, suggestion,
                       command);
}

/* The option of that name, or of which it is the only beginning. */
static sevens_status find_long(const option_list *list, const char *command, const char *word,
                               const struct argp_option **found, sevens_error *err)
{
    size_t length = strcspn(word, "=");
    size_t n_prefix = 0;

    *found = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const char *name = list->option[i]->name;

        if (strncmp(name, word, length) != 0)
            continue;
        *found = list->option[i];
        if (name[length] == '\0')
            return SEVENS_OK;
        n_prefix++;
    }
    if (n_prefix == 1)
        return SEVENS_OK;
    if (n_prefix > 1)
        return sevens_fail(err, SEVENS_ERR_INPUT, "option '--%.*s' is ambiguous", (int)length,
                           word);
    return unknown_option(list, command, word, length, err);
}

/* Checks "--name", "--name=value", "--name value"; *consumed is 1 when the next word is its value.
 */
static sevens_status check_long(const option_list *list, const char *command, const char *word,
                                const char *next, int *consumed, sevens_error *err)
{
    const struct argp_option *option;
    const char *value = strchr(word, '=');
    sevens_status status = find_long(list, command, word + 2, &option, err);

    if (status != SEVENS_OK)
        return status;
    if (option->arg == NULL && value != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT, "option '--%s' takes no value", option->name);
    if (option->arg != NULL && value == NULL) {
        if (next == NULL)
            return sevens_fail(err, SEVENS_ERR_INPUT, "option '--%s' needs a value: --%s=%s",
                               option->name, option->name, option->arg);
        *consumed = 1;
    }
    return SEVENS_OK;
}

/* Checks "-q", "-qv", "-ofile", "-o file". */
static sevens_status check_short(const option_list *list, const char *command, const char *word,
                                 const char *next, int *consumed, sevens_error *err)
{
    for (const char *c = word + 1; *c != '\0'; c++) {
        const struct argp_option *option = NULL;

        for (size_t i = 0; i < list->n && option == NULL; i++)
            if (list->option[i]->key == *c)
                option = list->option[i];
        if (option == NULL)
            return sevens_fail(err, SEVENS_ERR_INPUT,
                               "unknown option '-%c' ('sevens %s --help' lists all)", *c, command);
        if (option->arg == NULL)
            continue;
        if (c[1] == '\0' && next == NULL)
            return sevens_fail(err, SEVENS_ERR_INPUT, "option '-%c' needs a value: -%c %s", *c, *c,
                               option->arg);
        *consumed = c[1] == '\0';
        return SEVENS_OK;
    }
    return SEVENS_OK;
}

/* Every option known and with its value, so that argp finds no fault of its own. */
static sevens_status check_options(const sevens_cli_usage *usage, const char *command, int argc,
                                   char **argv, sevens_error *err)
{
    static char help[] = "--help";
    option_list list;

    list_options(&list, usage);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        int consumed = 0;
        sevens_status status = SEVENS_OK;

        if (strcmp(argv[i], "-h") == 0)
            argv[i] = help;
        if (argv[i][0] != '-' || argv[i][1] == '\0')
            continue;
        if (argv[i][1] == '-')
            status = check_long(&list, command, argv[i], next, &consumed, err);
        else
            status = check_short(&list, command, argv[i], next, &consumed, err);
        if (status != SEVENS_OK)
            return status;
        i += consumed;
    }
    return SEVENS_OK;
}

/* argp wants an errno; the message is already in the context. */
static error_t as_errno(sevens_status status)
{
    return status == SEVENS_OK ? 0 : EINVAL;
}

static error_t parse_output(int key, char *arg, struct argp_state *state)
{
    parse_context *context = state->input;

    (void)arg;
    switch (key) {
    case OPTION_JSON:
        context->cli->json = true;
        return 0;
    case 'q':
        context->cli->verbosity = -1;
        return 0;
    case 'v':
        context->cli->verbosity = 1;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_scan(int key, char *arg, struct argp_state *state)
{
    sevens_cli *cli = ((parse_context *)state->input)->cli;

    switch (key) {
    case OPTION_AT:
        cli->at[cli->n_at++] = arg;
        return 0;
    case OPTION_SET:
        cli->set[cli->n_set++] = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static sevens_status parse_backend_name(const char *text, const char **backend, sevens_error *err)
{
    char meant[32], choices[128] = "auto";
    int index;

    for (size_t i = 0; sevens_backend_at(i) != NULL; i++) {
        size_t length = strlen(choices);

        snprintf(choices + length, sizeof choices - length, "|%s", sevens_backend_at(i)->name);
    }
    if (!sevens_is_choice(text, choices, &index)) {
        sevens_meant_choice(text, choices, meant, sizeof meant);
        return sevens_fail(err, SEVENS_ERR_INPUT, "--backend: unknown backend '%s'%s%s%s (%s)",
                           text, *meant ? "; did you mean '" : "", meant, *meant ? "'?" : "",
                           choices);
    }
    *backend = text;
    return SEVENS_OK;
}

static sevens_status parse_precision(const char *text, sevens_precision *precision,
                                     sevens_error *err)
{
    if (strcmp(text, "f64") == 0)
        *precision = SEVENS_PRECISION_F64;
    else if (strcmp(text, "f32") == 0)
        *precision = SEVENS_PRECISION_F32;
    else
        return sevens_fail(err, SEVENS_ERR_INPUT, "--precision: '%s' is neither f64 nor f32", text);
    return SEVENS_OK;
}

static error_t parse_backend(int key, char *arg, struct argp_state *state)
{
    parse_context *context = state->input;
    sevens_cli *cli = context->cli;

    switch (key) {
    case OPTION_BACKEND:
        return as_errno(parse_backend_name(arg, &cli->backend, context->err));
    case OPTION_THREADS:
        return as_errno(sevens_cli_count("--threads", arg, 0, 4096, &cli->threads, context->err));
    case OPTION_PRECISION:
        return as_errno(parse_precision(arg, &cli->precision, context->err));
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t add_argument(parse_context *context, const char *arg)
{
    sevens_cli *cli = context->cli;

    if (cli->n_argument >= context->usage->max_arguments)
        return as_errno(
            sevens_fail(context->err, SEVENS_ERR_INPUT, "unexpected argument '%s'", arg));
    cli->argument[cli->n_argument++] = arg;
    return 0;
}

static bool is_own_option(const sevens_cli_usage *usage, int key)
{
    for (const struct argp_option *o = usage->options; o != NULL && o->name != NULL; o++)
        if (o->key == key)
            return true;
    return false;
}

static error_t parse_root(int key, char *arg, struct argp_state *state)
{
    parse_context *context = state->input;

    if (key == ARGP_KEY_INIT) {
        for (size_t i = 0; state->root_argp->children[i].argp != NULL; i++)
            state->child_inputs[i] = context;
        return 0;
    }
    if (key == ARGP_KEY_ARG)
        return add_argument(context, arg);
    if (key == ARGP_KEY_END && context->cli->n_argument < context->usage->min_arguments)
        return as_errno(sevens_fail(context->err, SEVENS_ERR_INPUT,
                                    "an argument is missing: sevens %s %s", context->cli->command,
                                    context->usage->arguments));
    if (!is_own_option(context->usage, key))
        return ARGP_ERR_UNKNOWN;
    return as_errno(context->usage->option(context->own, key, arg, context->err));
}

sevens_status sevens_cli_parse(sevens_cli *cli, const sevens_cli_usage *usage, int argc,
                               char **argv, void *own, sevens_error *err)
{
    static const struct argp output = {.options = output_options, .parser = parse_output};
    static const struct argp scan = {.options = scan_options, .parser = parse_scan};
    static const struct argp backend = {.options = backend_options, .parser = parse_backend};
    struct argp_child children[4] = {{0}};
    size_t n_child = 0, most = (size_t)argc;
    parse_context context = {cli, usage, own, err};
    sevens_status status = SEVENS_OK;

    SEVENS_TRY_ALLOC(cli->argument = calloc(most, sizeof *cli->argument));
    SEVENS_TRY_ALLOC(cli->at = calloc(most, sizeof *cli->at));
    SEVENS_TRY_ALLOC(cli->set = calloc(most, sizeof *cli->set));
    SEVENS_TRY(check_options(usage, cli->command, argc, argv, err));
    if (usage->shared & SEVENS_CLI_OUTPUT)
        children[n_child++].argp = &output;
    if (usage->shared & SEVENS_CLI_SCAN)
        children[n_child++].argp = &scan;
    if (usage->shared & SEVENS_CLI_BACKEND)
        children[n_child++].argp = &backend;

    struct argp root = {usage->options, parse_root, usage->arguments, usage->doc, children,
                        NULL,           NULL};

    if (argp_parse(&root, argc, argv, 0, NULL, &context) != 0)
        status = SEVENS_ERR_INPUT;
cleanup:
    return status;
}

sevens_status sevens_cli_real(const char *option, const char *text, double min, double max,
                              double *value, sevens_error *err)
{
    if (!sevens_parse_real(text, false, value))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: '%s' is not a number", option, text);
    if (*value < min || *value > max)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: %s is not within %g and %g", option, text,
                           min, max);
    return SEVENS_OK;
}

sevens_status sevens_cli_count(const char *option, const char *text, int min, int max, int *value,
                               sevens_error *err)
{
    int64_t number;

    if (!sevens_parse_integer(text, &number))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: '%s' is not a whole number", option, text);
    if (number < min || number > max)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: %s is not within %d and %d", option, text,
                           min, max);
    *value = (int)number;
    return SEVENS_OK;
}

sevens_status sevens_cli_assignment(const char *option, const char *text, char **name,
                                    double *value, sevens_error *err)
{
    const char *equals = strchr(text, '=');

    *name = NULL;
    if (equals == NULL || equals == text)
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s: '%s' is not NAME=VALUE", option, text);
    if (!sevens_parse_real(equals + 1, false, value))
        return sevens_fail(err, SEVENS_ERR_INPUT, "%s %s: '%s' is not a number", option, text,
                           equals + 1);
    *name = strndup(text, (size_t)(equals - text));
    if (*name == NULL)
        return sevens_fail(err, SEVENS_ERR_MEMORY, "out of memory");
    return SEVENS_OK;
}
