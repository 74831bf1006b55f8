/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens validate`: published numbers beside ours. */
#include "cli.h"
#include "cli_json.h"
#include "sevens/validate.h"
#include <math.h>
#include <stdlib.h>

enum { OPTION_ALL = 256, OPTION_MARKDOWN };

static const struct argp_option options[] = {
    {"all", OPTION_ALL, NULL, 0, "the rows too that take more than some seconds", 0},
    {"markdown", OPTION_MARKDOWN, NULL, 0, "the table as docs/validation.md has it", 0},
    {0},
};

typedef struct arguments {
    bool all, markdown;
} arguments;

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    arguments *a = own;

    (void)value;
    (void)err;
    a->all |= key == OPTION_ALL;
    a->markdown |= key == OPTION_MARKDOWN;
    return SEVENS_OK;
}

static const sevens_cli_usage usage = {
    .arguments = "",
    .doc =
        "Computes the quantities that papers and docs/physics.md give numbers for, and compares. "
        "Fails (exit code 1) when one is outside its tolerance.",
    .shared = SEVENS_CLI_OUTPUT,
    .options = options,
    .option = take_option,
};

static double difference(const sevens_validation *row)
{
    double d = row->ours - row->reference;

    return row->relative ? d / row->reference : d;
}

static sevens_status print_json(const sevens_validation *rows, size_t n, sevens_error *err)
{
    json_t *o = json_object(), *list = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *row = json_object();

        sevens_json_put(&row, "quantity", sevens_json_text(rows[i].quantity));
        sevens_json_put(&row, "ours", sevens_json_real(rows[i].ours));
        sevens_json_put(&row, "reference", sevens_json_real(rows[i].reference));
        sevens_json_put(&row, "published", sevens_json_text(rows[i].published));
        sevens_json_put(&row, "difference", sevens_json_real(difference(&rows[i])));
        sevens_json_put(&row, "tolerance", sevens_json_real(rows[i].tolerance));
        sevens_json_put(&row, "relative", json_boolean(rows[i].relative));
        sevens_json_put(&row, "pass", json_boolean(rows[i].pass));
        sevens_json_add(&list, row);
    }
    sevens_json_put(&o, "rows", list);
    return sevens_json_print(o, err);
}

static void print_text(const sevens_validation *rows, size_t n)
{
    printf("%-56s %-15s %-13s %-12s %-10s %-6s %s\n", "quantity", "ours", "reference", "difference",
           "tolerance", "", "published");
    for (size_t i = 0; i < n; i++)
        printf("%-56s %-15.9g %-13.9g %+-12.2e %-6.0e %-3s %-6s %s\n", rows[i].quantity,
               rows[i].ours, rows[i].reference, difference(&rows[i]), rows[i].tolerance,
               rows[i].relative ? "rel" : "abs", rows[i].pass ? "pass" : "FAIL", rows[i].published);
}

static void print_markdown(const sevens_validation *rows, size_t n)
{
    printf("| quantity | ours | reference | difference | tolerance | published |\n"
           "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++)
        printf("| %s | %.8g | %.9g | %+.1e%s | %.0e%s | %s |\n", rows[i].quantity, rows[i].ours,
               rows[i].reference, difference(&rows[i]), rows[i].relative ? " rel" : "",
               rows[i].tolerance, rows[i].pass ? "" : " **FAIL**", rows[i].published);
}

sevens_status sevens_cmd_validate(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    arguments a = {0};
    sevens_validation *rows = NULL;
    size_t n = 0, failed = 0;

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &a, err));
    SEVENS_TRY(sevens_validate(a.all, &rows, &n, err));
    for (size_t i = 0; i < n; i++)
        failed += !rows[i].pass;
    if (cli->json)
        SEVENS_TRY(print_json(rows, n, err));
    else if (a.markdown)
        print_markdown(rows, n);
    else
        print_text(rows, n);
    if (failed > 0)
        status = sevens_fail(err, SEVENS_ERR_FAILED,
                             "%zu of %zu numbers are outside their "
                             "tolerance",
                             failed, n);
cleanup:
    free(rows);
    return status;
}
