/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sevens xsec`: one differential cross section of the model of a scan file. */
#include "cli.h"
#include "cli_json.h"

#include "sevens/nucleus.h"
#include "sevens/text.h"
#include "sevens/xsec.h"
#include <math.h>

enum { OPTION_NUCLEUS = 256, OPTION_FLAVOUR, OPTION_ENERGY, OPTION_RECOIL };

#define MEV_PER_KEV 1e-3

typedef struct xsec_arguments {
    const sevens_nucleus *nucleus;
    bool has_flavour, has_energy, has_recoil;
    sevens_flavour flavour;
    double E_MeV, T_keV;
} xsec_arguments;

static const struct argp_option options[] = {
    {"nucleus", OPTION_NUCLEUS, "NAME", 0, "target, as in Cs133", 0},
    {"flavour", OPTION_FLAVOUR, "NAME", 0, "nu_e, nubar_e, nu_mu, nubar_mu, nu_tau, nubar_tau", 0},
    {"enu-mev", OPTION_ENERGY, "E", 0, "neutrino energy in MeV", 0},
    {"t-kev", OPTION_RECOIL, "T", 0, "recoil energy in keV", 0},
    {0},
};

static sevens_status parse_nucleus(const char *name, const sevens_nucleus **nucleus,
                                   sevens_error *err)
{
    char suggestion[SEVENS_SUGGESTION];

    *nucleus = sevens_nucleus_find(name);
    if (*nucleus == NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT, "--nucleus: unknown nucleus '%s'; %s", name,
                           sevens_nucleus_suggest(name, suggestion));
    return SEVENS_OK;
}

static sevens_status parse_flavour(const char *name, sevens_flavour *flavour, sevens_error *err)
{
    const char *names[SEVENS_N_FLAVOUR];
    char suggestion[SEVENS_SUGGESTION];

    if (sevens_flavour_parse(name, flavour))
        return SEVENS_OK;
    for (int i = 0; i < SEVENS_N_FLAVOUR; i++)
        names[i] = sevens_flavour_name((sevens_flavour)i);
    return sevens_fail(err, SEVENS_ERR_INPUT, "--flavour: unknown flavour '%s'; %s", name,
                       sevens_suggest(suggestion, name, names, SEVENS_N_FLAVOUR));
}

static sevens_status take_option(void *own, int key, const char *value, sevens_error *err)
{
    xsec_arguments *a = own;

    switch (key) {
    case OPTION_NUCLEUS:
        return parse_nucleus(value, &a->nucleus, err);
    case OPTION_FLAVOUR:
        a->has_flavour = true;
        return parse_flavour(value, &a->flavour, err);
    case OPTION_ENERGY:
        a->has_energy = true;
        return sevens_cli_real("--enu-mev", value, 1e-6, 1e6, &a->E_MeV, err);
    case OPTION_RECOIL:
        a->has_recoil = true;
        return sevens_cli_real("--t-kev", value, 0.0, 1e9, &a->T_keV, err);
    default:
        return SEVENS_OK;
    }
}

static const sevens_cli_usage usage = {
    .arguments = "SCAN.yaml",
    .doc =
        "Differential cross section d sigma/dT [cm^2/MeV] of the model of a scan file at one "
        "neutrino energy and one recoil energy, on the nucleus and on the electrons of its atom; "
        "0 above the largest recoil.",
    .min_arguments = 1,
    .max_arguments = 1,
    .shared = SEVENS_CLI_OUTPUT | SEVENS_CLI_SCAN,
    .options = options,
    .option = take_option,
};

static sevens_status check_complete(const xsec_arguments *a, sevens_error *err)
{
    const char *missing = a->nucleus == NULL ? "--nucleus Cs133"
                          : !a->has_flavour  ? "--flavour nu_mu"
                          : !a->has_energy   ? "--enu-mev 30"
                          : !a->has_recoil   ? "--t-kev 5"
                                             : NULL;

    if (missing != NULL)
        return sevens_fail(err, SEVENS_ERR_INPUT, "an option is missing: %s, for example", missing);
    return SEVENS_OK;
}

static sevens_status print_json(const double xsec[SEVENS_N_PROCESS],
                                const double T_max_MeV[SEVENS_N_PROCESS], sevens_error *err)
{
    json_t *o = json_object(), *by_process = json_object(), *T_max = json_object();
    double sum = 0.0;

    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        const char *name = sevens_process_name((sevens_process)p);

        sum += xsec[p];
        sevens_json_put(&by_process, name, sevens_json_real(xsec[p]));
        sevens_json_put(&T_max, name, sevens_json_real(T_max_MeV[p]));
    }
    sevens_json_put(&o, "dsigma_dT_cm2_per_MeV", sevens_json_real(sum));
    sevens_json_put(&o, "by_process", by_process);
    sevens_json_put(&o, "T_max_MeV", T_max);
    return sevens_json_print(o, err);
}

static void print_text(const xsec_arguments *a, const char *title,
                       const double xsec[SEVENS_N_PROCESS],
                       const double T_max_MeV[SEVENS_N_PROCESS])
{
    printf("%s on %s, E = %g MeV, T = %g keV, %s\n", sevens_flavour_name(a->flavour),
           a->nucleus->name, a->E_MeV, a->T_keV, title);
    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        char value[40] = "undefined"; /* see print_json: null */

        if (!isnan(xsec[p]))
            snprintf(value, sizeof value, "%.10g cm^2/MeV", xsec[p]);
        printf("%-5s  d sigma/dT %s   T_max %.10g keV%s\n", sevens_process_name((sevens_process)p),
               value, T_max_MeV[p] / MEV_PER_KEV,
               p == SEVENS_ES ? "   (all electrons of the atom)" : "");
    }
    if (isnan(xsec[SEVENS_CEVNS]) || isnan(xsec[SEVENS_ES]))
        printf("undefined: %s\n", a->T_keV == 0.0 ? "there may be no limit at T = 0"
                                                  : "a table of this element is missing");
}

sevens_status sevens_cmd_xsec(sevens_cli *cli, int argc, char **argv, sevens_error *err)
{
    sevens_status status = SEVENS_OK;
    xsec_arguments a = {0};
    sevens_config *config = NULL;

    SEVENS_TRY(sevens_cli_parse(cli, &usage, argc, argv, &a, err));
    SEVENS_TRY(check_complete(&a, err));
    SEVENS_TRY(sevens_cli_config(cli, false, &config, err));
    SEVENS_TRY(sevens_cli_need_point(config, err));

    sevens_model_point point = {config->value, SEVENS_NO_ROW};
    double xsec[SEVENS_N_PROCESS], T_max_MeV[SEVENS_N_PROCESS];

    for (int p = 0; p < SEVENS_N_PROCESS; p++) {
        T_max_MeV[p] = sevens_xsec_t_max_MeV((sevens_process)p, a.nucleus, a.E_MeV);
        xsec[p] = sevens_xsec_cm2_per_MeV(config->model, &point, (sevens_process)p, a.nucleus,
                                          a.flavour, a.E_MeV, a.T_keV * MEV_PER_KEV);
    }
    if (cli->json)
        status = print_json(xsec, T_max_MeV, err);
    else
        print_text(&a, sevens_model_title(config->model), xsec, T_max_MeV);
cleanup:
    sevens_config_free(&config);
    return status;
}
