/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scan files: values, axes, overrides, canonical form, releases and their options, and every
 * message once. The files of scans/: tests/test_scan_files.c. */
#include "sevens/config.h"
#include "sevens/text.h"
#include "test_release_support.h"

static sevens_error err;

/* ---- releases: of those below only the head matters ---- */

static char data[256];

static void add_release(const char *name, const char *head)
{
    char folder[400], text[1000];
    snprintf(folder, sizeof folder, "%s/%s", data, name);
    snprintf(text, sizeof text, "name: %s\n%s", name, head);
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    test_write_in(folder, "release.yaml", text);
}

static void set_up_releases(void)
{
    char link[400], name[] = "a";
    test_folder(data, sizeof data);
    snprintf(link, sizeof link, "%s/coherent-csi-2021", data);
    ck_assert_int_eq(symlink(SEVENS_SOURCE_DIR "/releases/coherent-csi-2021", link), 0);
    for (; *name <= 'q'; ++*name)
        add_release(name, "");
    add_release("own", "electron_recoils: true\noptions:\n"
                       "  quenching: {doc: d, choices: {fef: ~, ybe: ~, lindhard: ~}}\n"
                       "  data: {doc: d, choices: {on: ~, off: ~}}\n");
    add_release("own-2", "excludes: [x, own]\n");
    add_release("broken", "options: {es: {doc: d, choices: {a: ~}}}\n");
    ck_assert_int_eq(setenv("SEVENS_DATA", data, 1), 0);
}

static void remove_releases(void)
{
    char path[700];
    DIR *dir = opendir(data);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%.255s", data, entry->d_name);
        if (unlink(path) != 0) /* a link */
            test_remove_folder(path);
    }
    closedir(dir);
    rmdir(data);
}

/* ---- scans ---- */

/* A scan is put together from parts, so that each test shows only what it is about. */
#define HEAD "schema: 1\nname: t\nmodel: {kind: zprime}\n"
#define AXES "axes: [{param: m_zp, values: [1, 2]}]\n"
#define EXPERIMENTS "experiments: [{name: coherent-csi-2021, es: false}]\n"
#define MINIMAL HEAD AXES EXPERIMENTS
#define PLANES                                                                                     \
    HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1, 2]}, {param: g_zp, values: [0, 1]},\n"      \
                     "       {param: s2w, values: [0.2, 0.3]}]\nreduce: "

static sevens_config *parse_with(const char *text, const sevens_config_overrides *overrides)
{
    sevens_config *config;
    sevens_status status =
        sevens_config_parse(&config, "s.yaml", text, strlen(text), overrides, true, &err);
    ck_assert_msg(status == SEVENS_OK, "%s\n%s", text, err.message);
    return config;
}

static sevens_config *parse(const char *text)
{
    return parse_with(text, NULL);
}

static void refused_with(const char *text, const sevens_config_overrides *overrides,
                         const char *message)
{
    sevens_config *config;
    sevens_status status =
        sevens_config_parse(&config, "s.yaml", text, strlen(text), overrides, true, &err);
    ck_assert_msg(status == SEVENS_ERR_INPUT, "accepted: %s", text);
    ck_assert_ptr_null(config);
    ck_contains(err.message, message);
}

static sevens_config *load(const char *name)
{
    char path[1000];
    sevens_config *config;
    snprintf(path, sizeof path, "%s/scans/%s", SEVENS_SOURCE_DIR, name);
    sevens_status status = sevens_config_load(&config, path, NULL, true, &err);
    ck_assert_msg(status == SEVENS_OK, "%s", err.message);
    return config;
}

START_TEST(default_scan)
{
    sevens_config *config = load("csi2021-universal.yaml");
    ck_assert_str_eq(config->name, "csi2021-universal");
    ck_assert_str_eq(config->output.file, "csi2021-universal.h5");
    ck_assert_int_eq(config->output.precision, SEVENS_OUTPUT_F64);
    ck_assert(!config->output.pulls && config->output.compress);
    ck_assert_int_eq(config->tile, 65536);
    ck_assert_int_eq(config->seed, 1);
    ck_assert_uint_eq(config->n_axis, 2);
    ck_close(sevens_config_points(config), 160000, 0, 0);
    const sevens_axis *m = &config->axis[0], *g = &config->axis[1];
    ck_assert_str_eq(m->name, "m_zp");
    ck_assert_str_eq(m->unit, "MeV");
    ck_assert(m->log && !m->listed && m->n == 400);
    ck_close(m->value[0], 0.1, 0, 0);
    ck_close(m->value[399], 1e4, 0, 0);
    ck_close(m->value[100], 0.1 * pow(1e5, 100.0 / 399.0), 0, 1e-13);
    ck_close(g->value[399], 0.1, 0, 0);
    ck_close(config->value[m->parameter], 0.1, 0, 0);
    ck_close(config->value[sevens_model_find(config->model, "s2w")], 0.23857, 0, 0);
    ck_assert_uint_eq(config->n_experiment, 1);
    ck_assert_str_eq(config->experiment[0].name, "coherent-csi-2021");
    ck_assert(!config->experiment[0].es);
    ck_close(config->experiment[0].norm_scale, 1, 0, 0);
    sevens_config_free(&config);
    ck_assert_ptr_null(config);
}
END_TEST

START_TEST(canonical_form)
{
    sevens_config *a = parse("schema: 1\nname: t\nmodel: {kind: zprime, charges: {u: 1, e: 0.1}}\n"
                             "axes: [{param: m_zp, min: 1, max: 1e3, n: 1e1, spacing: log}]\n"
                             "experiments: [{name: coherent-csi-2021, es: false}]\n"
                             "parameters: {g_zp: -0.0}\noutput: {file: a.h5}\n");
    sevens_config *b =
        parse("# the same\noutput: {pulls: false, file: b.h5}\nseed: 1\n"
              "experiments: [{norm_scale: 1.0, es: false, name: coherent-csi-2021}]\n"
              "model: [{charges: {e: 1e-1, u: 1.0}, kind: zprime}, {kind: sm}]\n"
              "axes: [{n: 10, spacing: log, max: 1000, min: 1.0, unit: MeV,\n"
              "  param: m_zp}]\nname: 't'\nschema: 1\ntile: 65536\n"
              "parameters: {s2w: 0.23857}\n");
    ck_assert_str_eq(a->canonical_json, b->canonical_json);
    ck_assert_ptr_null(strstr(a->canonical_json, "a.h5"));
    ck_contains(a->canonical_json, "{\"axes\":[{\"max\":1000.0,\"min\":1.0,\"n\":10,"
                                   "\"param\":\"m_zp\",\"spacing\":\"log\",\"unit\":\"MeV\"}]");
    ck_contains(a->canonical_json, "\"rn_cs\":5.0899999999999999,");
    ck_contains(a->canonical_json, "\"form_factor\":\"helm\"");
    ck_contains(a->canonical_json, "\"norm\":\"standard\"");
    sevens_config_free(&a);
    sevens_config_free(&b);
}
END_TEST

START_TEST(printed_scan_means_the_same)
{
    sevens_config *a = parse(
        "schema: 1\nname: 2021\n"
        "model: [{kind: zprime, charges: {u: 0.1, mu: -1e-7}}, {kind: sm, kinematics: k1},\n"
        "  {kind: zprime, as: heavy}, {kind: scalar}, {kind: tensor, as: t2}]\n"
        "interference: none\n"
        "axes: [{param: m_zp, min: 0.3, max: 1e3, n: 7}, {param: heavy.g_zp, values: [0, 1e-7]}]\n"
        "parameters: {rn_csi: 5.1234567890123456, heavy.m_zp: 900, m_phi: 1, t2.m_phi: 2}\n"
        "experiments: [{name: coherent-csi-2021, es: false, norm_scale: 0.7},\n"
        "  {name: own, quenching: ybe, patch: {target: {mass_kg: 3, name: \"1e3\"}, bins: ~}}]\n"
        "nuisances: {coherent-csi-2021:signal: {sigma: .inf, shared: sns-flux},\n"
        "  \"own:beam: neutrons\": {fixed: true}, own:tilt: {}, own:ss: {fixed: false}}\n"
        "tile: 1000\nseed: 17\noutput: {file: \"a b.h5\", precision: i16, pulls: true}\n");
    char *text = sevens_config_print(a);
    ck_assert_ptr_nonnull(text);
    ck_contains(text,
                "\n  - {param: m_zp, unit: MeV, min: 0.3, max: 1000, n: 7, spacing: linear}\n");
    ck_contains(text, "\nname: \"2021\"\n");
    ck_contains(text, "\n  - {kind: zprime, as: heavy, charges: universal,");
    ck_contains(text, "\n  heavy.m_zp: 900\n");
    ck_contains(text, "\ninterference: none\n");
    ck_contains(text, "\n  file: \"a b.h5\"\n");
    ck_contains(text, "\n  coherent-csi-2021:signal: {sigma: .inf, shared: sns-flux}\n");
    ck_contains(text, "\n  own:tilt: {}\n  own:ss: {fixed: false}\n");
    ck_contains(text, "\n  - {name: own, es: true, norm_scale: 1, quenching: ybe, data: on, "
                      "patch: {target: {mass_kg: 3, name: \"1e3\"}, bins: null}}\n");
    sevens_config *b = parse(text);
    ck_assert_str_eq(a->canonical_json, b->canonical_json);
    char *again = sevens_config_print(b);
    ck_assert_str_eq(text, again);
    free(text);
    free(again);
    sevens_config_free(&a);
    sevens_config_free(&b);
    a = parse(MINIMAL);
    text = sevens_config_print(a);
    ck_contains(text, "\n  file: t.h5\n");
    ck_contains(text, "\nnuisances: {}\n");
    free(text);
    sevens_config_free(&a);
}
END_TEST

START_TEST(axis_values)
{
    sevens_config *config =
        parse(HEAD EXPERIMENTS "axes: [{param: s2w, min: 0.1, max: 0.4, n: 4},\n"
                               "  {param: m_zp, min: 3, max: 3, n: 1},\n"
                               "  {param: g_zp, values: [1e-5, 2e-5, 7e-5], spacing: log}]\n");
    const sevens_axis *axis = config->axis;
    for (size_t i = 0; i < 4; i++)
        ck_close(axis[0].value[i], 0.1 + 0.1 * (double)i, 1e-15, 0);
    ck_close(axis[0].value[3], 0.4, 0, 0);
    ck_assert(axis[1].n == 1 && !axis[1].log);
    ck_close(axis[1].value[0], 3, 0, 0);
    ck_assert(axis[2].listed && axis[2].log && axis[2].n == 3);
    ck_close(axis[2].value[1], 2e-5, 0, 0);
    ck_close(sevens_config_points(config), 12, 0, 0);
    ck_close(config->value[axis[2].parameter], 1e-5, 0, 0);
    sevens_config_free(&config);
}
END_TEST

START_TEST(electron_scattering)
{
    static const bool es[] = {true, true, false, true, false};
    sevens_config *config =
        parse(HEAD AXES "experiments: [{name: coherent-csi-2021, es: true}, {name: own, es: ~},\n"
                        "  {name: a}, {name: b, es: true}, {name: c}]\n");
    ck_assert_uint_eq(config->n_experiment, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_msg(config->experiment[i].es == es[i], "%s", config->experiment[i].name);
    sevens_config_free(&config);
    config = parse(HEAD AXES "experiments: [{name: own, es: false}]\n");
    ck_assert(!config->experiment[0].es);
    sevens_config_free(&config);
}
END_TEST

START_TEST(options)
{
    sevens_config *config = parse(HEAD AXES "experiments: [{data: off, name: own}, {name: a}]\n");
    const sevens_experiment_entry *own = &config->experiment[0];
    ck_assert(own->n_option == 2 && own->patch == NULL && own->folder == NULL);
    ck_assert_str_eq(own->option[0].name, "quenching"); /* all, in the order of the release */
    ck_assert_str_eq(own->option[0].value, "fef");
    ck_assert_str_eq(own->option[1].value, "off");
    ck_assert_uint_eq(config->experiment[1].n_option, 0);
    ck_contains(config->canonical_json,
                "{\"data\":\"off\",\"es\":true,\"name\":\"own\",\"norm_scale\":1.0,"
                "\"quenching\":\"fef\"}");
    sevens_config *same = parse(HEAD AXES "experiments:\n- {name: own, quenching: fef, data: off,\n"
                                          "   norm_scale: 1, es: true, patch: {}}\n- {name: a}\n");
    ck_assert_str_eq(config->canonical_json, same->canonical_json);
    sevens_config_free(&same);
    same = parse(HEAD AXES "experiments: [{name: own, data: off, quenching: ybe}, {name: a}]\n");
    ck_assert_str_ne(config->canonical_json, same->canonical_json);
    sevens_config_free(&same);
    sevens_config_free(&config);
}
END_TEST

START_TEST(patches_and_folders)
{
    static const char *const set[] = {"experiments.0.patch.target.mass_kg=7",
                                      "experiments.0.quenching=lindhard"};
    const sevens_config_overrides overrides = {.n_set = 2, .set = set};
    char text[1000], elsewhere[400];
    sevens_config *config = parse_with(HEAD AXES "experiments: [{name: own}]\n", &overrides);
    const sevens_node *target = sevens_node_get(config->experiment[0].patch, "target");
    ck_assert_str_eq(sevens_node_get(target, "mass_kg")->text, "7");
    ck_assert_str_eq(config->experiment[0].option[0].value, "lindhard");
    ck_contains(config->canonical_json, "\"patch\":{\"target\":{\"mass_kg\":7.0}}");
    sevens_config_free(&config);

    /* a folder of another name; where it is does not matter for what the scan is */
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", data);
    add_release("elsewhere", "options: {x: {doc: d, choices: {y: ~}}}\n");
    test_replace_in(elsewhere, "release.yaml", "name: elsewhere", "name: a");
    snprintf(text, sizeof text, "%sexperiments: [{name: a, folder: %s}]\n", HEAD AXES, elsewhere);
    config = parse(text);
    ck_assert_str_eq(config->experiment[0].folder, elsewhere);
    ck_assert_str_eq(config->experiment[0].option[0].value, "y");
    ck_assert_ptr_null(strstr(config->canonical_json, elsewhere));
    char *printed = sevens_config_print(config);
    ck_contains(printed, elsewhere);
    sevens_config *again = parse(printed);
    ck_assert_str_eq(again->canonical_json, config->canonical_json);
    free(printed);
    sevens_config_free(&again);
    sevens_config_free(&config);
    snprintf(text, sizeof text, "%sexperiments: [{name: b, folder: %s}]\n", HEAD AXES, elsewhere);
    refused_with(text, NULL, "the release.yaml found for 'b' has the name 'a'");
    test_remove_folder(elsewhere);
}
END_TEST

/* A fault of the release itself is reported where it is. */
START_TEST(broken_release)
{
    sevens_config *config;
    char place[400];
    const char *text = HEAD AXES "experiments: [{name: broken}]\n";
    ck_assert_int_eq(sevens_config_parse(&config, "s.yaml", text, strlen(text), NULL, true, &err),
                     SEVENS_ERR_INPUT);
    snprintf(place, sizeof place, "%s/broken/release.yaml:2:11: error: option 'es' has another",
             data);
    ck_contains(err.message, place);
}
END_TEST

START_TEST(nuisances)
{
    sevens_config *config = parse(MINIMAL "nuisances:\n  coherent-csi-2021:signal: {sigma: 0.2}\n"
                                          "  coherent-csi-2021:brn: {fixed: true}\n"
                                          "  coherent-csi-2021:nin: {sigma: .inf}\n"
                                          "  coherent-csi-2021:ss: {fixed: false, shared: x}\n"
                                          "  coherent-csi-2021:acceptance: {}\n"
                                          "  coherent-csi-2021:scintillation_0:\n");
    ck_assert_uint_eq(config->n_nuisance, 6);
    const sevens_nuisance_entry *entry = config->nuisance;
    ck_assert_str_eq(entry[0].experiment, "coherent-csi-2021");
    ck_assert_str_eq(entry[0].name, "signal");
    ck_assert(entry[0].has_sigma && !entry[0].has_fixed && !entry[0].fixed);
    ck_assert_ptr_null(entry[0].shared);
    ck_close(entry[0].sigma, 0.2, 0, 0);
    ck_assert(!entry[1].has_sigma && entry[1].has_fixed && entry[1].fixed);
    ck_assert(entry[2].has_sigma && entry[2].sigma == INFINITY);
    ck_assert(entry[3].has_fixed && !entry[3].fixed);
    ck_assert_str_eq(entry[3].shared, "x");
    for (size_t i = 4; i < 6; i++) /* named, and so switched on */
        ck_assert(!entry[i].has_sigma && !entry[i].has_fixed && entry[i].shared == NULL);
    ck_assert_str_eq(entry[5].name, "scintillation_0");
    ck_contains(config->canonical_json, "\"coherent-csi-2021:acceptance\":{}");
    sevens_config_free(&config);
}
END_TEST

START_TEST(changes)
{
    static const char *const set[] = {"axes.0.n=1e3", "output.precision=f32", "parameters.s2w=0.2",
                                      "model={kind: zprime, charges: b-l}"};
    static const char *const at[] = {"g_zp=2e-4", "s2w=0.25"};
    const char *text = HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: 2, n: 3},\n"
                                        "  {param: g_zp, min: 1e-5, max: 1e-4, n: 5}]\n";
    sevens_config_overrides overrides = {.n_set = 4, .set = set, .n_at = 2, .at = at};
    sevens_config *config = parse_with(text, &overrides);
    ck_assert_uint_eq(config->n_axis, 1);
    ck_assert_uint_eq(config->axis[0].n, 1000);
    ck_assert_int_eq(config->output.precision, SEVENS_OUTPUT_F32);
    ck_close(config->value[sevens_model_find(config->model, "g_zp")], 2e-4, 0, 0);
    ck_close(config->value[sevens_model_find(config->model, "s2w")], 0.25, 0, 0);
    ck_contains(config->canonical_json, "\"charges\":\"b-l\"");
    ck_assert_str_eq(sevens_document_text(config->document), text);
    sevens_config *same =
        parse("schema: 1\nname: t\nmodel: {kind: zprime, charges: b-l}\n" EXPERIMENTS
              "axes: [{param: m_zp, min: 1, max: 2, n: 1000}]\noutput: {precision: f32}\n"
              "parameters: {g_zp: 2e-4, s2w: 0.25}\n");
    ck_assert_str_eq(config->canonical_json, same->canonical_json);
    sevens_config_free(&config);
    sevens_config_free(&same);
    static const char *const all[] = {"g_zp=2e-4", "m_zp=1.5"};
    overrides = (sevens_config_overrides){.n_at = 2, .at = all};
    refused_with(text, &overrides, "s.yaml:5:7: error: --at fixes every axis");
    ck_assert_int_eq(
        sevens_config_parse(&config, "s.yaml", text, strlen(text), &overrides, false, &err),
        SEVENS_OK);
    ck_assert_uint_eq(config->n_axis, 0);
    ck_close(sevens_config_points(config), 1, 0, 0);
    sevens_config_free(&config);
}
END_TEST

START_TEST(bad_changes)
{
    static const struct {
        const char *set, *at, *message;
    } bad[] = {
        {"axes.0.values=3", NULL, "--set axes.0.values=3: error: axes[0]: 'values' must be a list"},
        {"axes.1.n=3", NULL, "--set axes.1.n=3: error: no entry 1: the list has 1"},
        {"axs=[]", NULL, "--set axs=[]: error: unknown key 'axs'; did you mean 'axes'?"},
        {NULL, "m_zq=1",
         "--at m_zq=1: error: the model has no parameter 'm_zq'; did you mean "
         "'m_zp'?"},
        {NULL, "m_zp=1x", "--at m_zp=1x: error: write --at NAME=VALUE"},
        {NULL, "m_zp", "--at m_zp: error: write --at NAME=VALUE"},
        {NULL, "s2w=1.5", "--at s2w=1.5: error: s2w must be from 0 to 1, not 1.5"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sevens_config_overrides overrides = {.n_set = bad[i].set != NULL,
                                             .set = &bad[i].set,
                                             .n_at = bad[i].at != NULL,
                                             .at = &bad[i].at};
        refused_with(MINIMAL, &overrides, bad[i].message);
    }
    static const char *const twice[] = {"s2w=0.2", "s2w=0.3"};
    sevens_config_overrides overrides = {.n_at = 2, .at = twice};
    refused_with(MINIMAL, &overrides, "--at s2w=0.3: error: s2w is given twice");
}
END_TEST

START_TEST(reduce)
{
    sevens_config *config =
        parse(PLANES "[{profile: all}, {slice: [s2w, m_zp], at: {g_zp: 0.6}, name: x.1},\n"
                     "  {slice: [m_zp, g_zp]}, {histogram: {bins: 5}}]\n");
    const sevens_plane *plane = config->plane;
    ck_assert_uint_eq(config->n_plane, 9);
    ck_assert_str_eq(plane[1].name, "profile_m_zp_g_zp");
    ck_assert(plane[1].kind == SEVENS_PLANE_PROFILE && plane[1].n_axis == 2);
    ck_assert_str_eq(plane[6].name, "x.1");
    ck_assert(plane[6].kind == SEVENS_PLANE_SLICE && plane[6].axis[0] == 2 && plane[6].at[1] == 1);
    ck_assert(plane[6].asked[1] == 0.6);
    ck_assert_str_eq(plane[7].name, "slice_m_zp_g_zp");
    ck_assert_uint_eq(plane[7].at[2], 0); /* 0.2 is nearer to 0.23857 */
    ck_assert(plane[8].kind == SEVENS_PLANE_HISTOGRAM && plane[8].n_bin == 5 && plane[8].max == 30);
    ck_contains(config->canonical_json,
                "{\"at\":{\"g_zp\":1.0},\"name\":\"x.1\",\"slice\":[\"s2w\",\"m_zp\"]}");
    /* what it prints is the same scan */
    char *text = sevens_config_print(config);
    sevens_config *again = parse(text);
    ck_assert_str_eq(again->canonical_json, config->canonical_json);
    sevens_config_free(&again);
    sevens_config_free(&config);
    free(text);
    /* without planes nothing of it stands in the identity of a scan */
    config = parse(MINIMAL "reduce: []\n");
    again = parse(MINIMAL);
    ck_assert_str_eq(again->canonical_json, config->canonical_json);
    sevens_config_free(&again);
    sevens_config_free(&config);
}
END_TEST

/* A plane with an axis that --at took away cannot be scanned, but a point of the scan is one. */
START_TEST(reduce_without_an_axis)
{
    static const char *const at[] = {"g_zp=0.5"};
    sevens_config_overrides overrides = {.n_at = 1, .at = at};
    static const char text[] = PLANES "[{profile: [m_zp, g_zp]}, {profile: [m_zp]}]\n";
    sevens_config *config;
    refused_with(
        text, &overrides,
        "s.yaml:7:27: error: reduce[0]: g_zp is fixed by --at and no axis of the scan any");
    ck_assert_int_eq(
        sevens_config_parse(&config, "s.yaml", text, strlen(text), &overrides, false, &err),
        SEVENS_OK);
    ck_assert_uint_eq(config->n_plane, 1);
    sevens_config_free(&config);
}
END_TEST

static const struct {
    const char *text, *message;
} faults[] = {
    /* top level */
    {"name: t\nmodel: zprime\n" AXES EXPERIMENTS, "s.yaml:1:1: error: the key 'schema' is missing"},
    {"schema: 2\nname: t\nmodel: zprime\n" AXES EXPERIMENTS, "'schema' must be 1, not '2'"},
    {"schema: 1\nmodel: zprime\n" AXES EXPERIMENTS, "the key 'name' is missing"},
    {"schema: 1\nname: ../t\nmodel: zprime\n" AXES EXPERIMENTS,
     "s.yaml:2:7: error: 'name' may hold letters, digits"},
    {"schema: 1\nname: t\n" AXES EXPERIMENTS, "the key 'model' is missing"},
    {HEAD AXES, "the key 'experiments' is missing"},
    {HEAD EXPERIMENTS "parameters: {m_zp: 1}\n",
     "s.yaml:1:1: error: a scan needs at least one entry under 'axes'"},
    {"schema: 1\nname: t\nmodel: {kind: zprime, charges: baryonic}\naxes: [{param: g_zp, min: 0, "
     "max: 1, n: 2}]\nexperiments: [{name: coherent-csi-2021}]\n",
     "the model has no parameter 'g_zp'; besides those of sm it has: g2_b, m_zp"},
    {MINIMAL "axs: 1\n", "s.yaml:6:1: error: unknown key 'axs'; did you mean 'axes'?"},
    {MINIMAL "toys: 5\n", "s.yaml:6:1: error: 'toys' is not available in this version"},
    {MINIMAL "statistic: {}\n", "'statistic' is not available in this version"},
    {MINIMAL "reduce: {}\n", "'reduce' must be a list, not a mapping"},
    {MINIMAL "refine: {}\n", "'refine' is not available in this version"},
    {MINIMAL "interference: {}\n", "'interference' must be a word, not a mapping"},
    {MINIMAL "interference: non\n",
     "'interference' must be one of defined, none, not 'non'; did you mean 'none'?"},
    {MINIMAL "tile: 0\n", "'tile' must be from 1 to 1000000000 points, not '0'"},
    {MINIMAL "seed: -1\n", "'seed' must be from 0 to 9007199254740991, not '-1'"},
    {MINIMAL "name: u\n", "s.yaml:6:1: error: key 'name' was given before, at line 2"},
    {"[1]\n", "s.yaml:1:1: error: this must be a mapping"},
    /* reduce */
    {PLANES "[{profil: [m_zp]}]\n",
     "s.yaml:7:11: error: reduce[0]: unknown key 'profil'; did you mean 'profile'?"},
    {PLANES "[{name: x}]\n", "reduce[0]: give it one of profile, slice, histogram"},
    {PLANES "[{profile: [m_zp], slice: [m_zp]}]\n",
     "reduce[0]: give it one of profile, slice, histogram"},
    {PLANES "[{profile: [m_zp]}, {profile: [g_z]}]\n",
     "s.yaml:7:40: error: reduce[1]: the scan has no axis 'g_z'; did you mean 'g_zp'?"},
    {PLANES "[{profile: [s2w, g_zp, m_zp]}]\n", "reduce[0]: a plane has one or two axes, not 3"},
    {PLANES "[{profile: []}]\n", "reduce[0]: a plane has one or two axes, not 0"},
    {PLANES "[{profile: g_zp}]\n",
     "reduce[0]: 'profile' must be a list of one or two axes, or all"},
    {PLANES "[{profile: all, name: x}]\n", "reduce[0]: 'profile: all' has no 'name'"},
    {PLANES "[{profile: [m_zp, m_zp]}]\n",
     "s.yaml:7:27: error: reduce[0]: m_zp stands there twice"},
    {PLANES "[{profile: [{m_zp: 1}]}]\n", "reduce[0]: this must be the name of an axis"},
    {PLANES "[{profile: [m_zp]}, {profile: [m_zp]}]\n",
     "reduce[1]: there is a plane 'profile_m_zp' already; give this one another 'name'"},
    {PLANES "[{profile: [m_zp], name: a/b}]\n", "reduce[0]: 'name' may hold letters, digits"},
    {PLANES "[{profile: [m_zp], at: {g_zp: 1}}]\n", "reduce[0]: 'at' belongs to a slice"},
    {PLANES "[{slice: [g_zp], at: {s2w: 0.23}}]\n",
     "reduce[0]: m_zp has no default: say where the slice lies with at: {m_zp: VALUE}"},
    {PLANES "[{slice: [m_zp], at: {g_zp: 2}}]\n",
     "s.yaml:7:37: error: reduce[0]: at: g_zp = 2 lies outside its axis, which goes from 0 to 1"},
    {PLANES "[{slice: [m_zp], at: {g_zp: x}}]\n", "reduce[0]: at: 'g_zp' must be a finite number"},
    {PLANES "[{slice: [m_zp], at: {m_zp: 1}}]\n", "reduce[0]: m_zp is an axis of the slice"},
    {PLANES "[{slice: [m_zp], at: {s2v: 1}}]\n",
     "reduce[0]: the scan has no axis 's2v'; did you mean 's2w'?"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1, 2]}, {param: s2w, values: [0.3, 0.4]}]\n"
                      "reduce: [{slice: [m_zp]}]\n",
     "reduce[0]: s2w = 0.23857, its default, lies outside its axis, which goes from 0.3 to 0.4: "
     "give it a value under 'at'"},
    {PLANES "[{histogram: {bins: 0}}]\n", "reduce[0]: histogram: 'bins' must be from 1 to 1000000"},
    {PLANES "[{histogram: {reference: SM}}]\n", "did you mean 'sm'?"},
    {PLANES "[{profile: [m_zp]}]\noutput: {pulls: true}\n",
     "reduce: planes have no pulls: take 'pulls: true' out"},
    {PLANES "[{profile: [m_zp]}]\noutput: {precision: i16}\n",
     "reduce: planes are stored as f64: take 'precision' out of 'output'"},
    {HEAD EXPERIMENTS
     "axes: [{param: m_zp, values: [1, 2]}, {param: g_zp, values: [0, 1], profile: "
     "true}]\nreduce: [{profile: [m_zp]}]\n",
     "reduce: 'profile: true' of the axis g_zp does not go with it"},
    /* model */
    {"schema: 1\nname: t\nmodel: {kind: zprim}\n" AXES EXPERIMENTS,
     "s.yaml:3:15: error: unknown model kind 'zprim'; did you mean 'zprime'?"},
    {"schema: 1\nname: t\nmodel: {kind: axion}\n" AXES EXPERIMENTS,
     "s.yaml:3:15: error: unknown model kind 'axion'; known: sm, nsi, zprime, "},
    {"schema: 1\nname: t\nmodel: [{kind: zprime}, {kind: zprime, as: Heavy}]\n" AXES EXPERIMENTS,
     "s.yaml:3:44: error: 'as' is a name of lower-case letters, digits and _"},
    {HEAD EXPERIMENTS "axes: [{param: s2w, min: 0.1, max: 0.2, n: 3}]\n",
     "s.yaml:3:8: error: parameter 'm_zp' [MeV] has no default: give it an axis, a value under "
     "'parameters', or --at m_zp=VALUE"},
    /* axes */
    {HEAD EXPERIMENTS "axes: {param: m_zp}\n", "'axes' must be a list, not a mapping"},
    {HEAD EXPERIMENTS "axes: [m_zp]\n", "axes[0]: this must be a mapping (key: value), not 'm_zp'"},
    {HEAD EXPERIMENTS "axes: [{values: [1]}]\n", "axes[0]: the key 'param' is missing"},
    {HEAD EXPERIMENTS "axes: [{param: m_zpp, values: [1]}]\n",
     "s.yaml:5:16: error: the model has no parameter 'm_zpp'; did you mean 'm_zp'?"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, unit: GeV, values: [1]}]\n",
     "s.yaml:5:28: error: axes[0]: m_zp is in MeV, not GeV"},
    {MINIMAL "#\naxes: [{param: g_zp, unit: GeV, values: [1]}]\n", "key 'axes' was given before"},
    {HEAD EXPERIMENTS "axes: [{param: g_zp, unit: GeV, values: [1]}]\n",
     "axes[0]: g_zp is in unit 1, not GeV"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, max: 3, n: 2}]\n",
     "axes[0]: the key 'min' is missing (or give 'values')"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: ~, n: 2}]\n", "the key 'max' is missing"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: 3}]\n", "the key 'n' is missing"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: 3, n: 2oo}]\n",
     "s.yaml:5:41: error: axes[0]: 'n' must be a whole number, not '2oo'"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: 3, n: 1e8}]\n",
     "'n' must be from 1 to 10000000, not '1e8'"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: 3, n: 2, spacing: lg}]\n",
     "axes[0]: 'spacing' must be one of linear, log, not 'lg'; did you mean 'log'?"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 3, max: 3, n: 2}]\n",
     "s.yaml:5:35: error: axes[0]: 'max' must be larger than 'min'"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 3, max: 2, n: 1}]\n",
     "'max' must be larger than 'min'"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 2, max: 3, n: 1}]\n",
     "s.yaml:5:35: error: axes[0]: one value ('n: 1') cannot be both 'min' and 'max'"},
    {HEAD EXPERIMENTS "parameters: {m_zp: 1}\naxes: [{param: g_zp, min: 0, max: 1, n: 9, spacing: "
                      "log}]\n",
     "s.yaml:6:27: error: axes[0]: 'min' must be positive for log spacing"},
    {HEAD EXPERIMENTS
     "parameters: {m_zp: 1}\naxes: [{param: g_zp, values: [0, 1], spacing: log}]\n",
     "axes[0]: 'values' must be positive for log spacing"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, min: 1, max: 1.000000000000001, n: 100}]\n",
     "axes[0]: neighbouring values would be the same number"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1, 3, 3]}]\n",
     "s.yaml:5:37: error: axes[0]: 'values' must increase from each to the next"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: []}]\n",
     "axes[0]: 'values' must hold from 1 to 10000000 numbers, not 0"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1, x]}]\n",
     "axes[0]: 'values': entry 1 must be a finite number, not 'x'"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1], n: 1}]\n",
     "axes[0]: either 'values' or 'min', 'max' and 'n', not both"},
    {HEAD EXPERIMENTS "parameters: {m_zp: 1}\naxes: [{param: s2w, min: 0.1, max: 1.5, n: 3}]\n",
     "s.yaml:6:36: error: s2w must be from 0 to 1, not 1.5"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1]}, {param: m_zp, values: [2]}]\n",
     "axes[1]: m_zp has an axis already"},
    {MINIMAL "parameters: {m_zp: 3}\n", "axes[0]: m_zp is fixed under 'parameters' too"},
    {HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1], profile: true}]\n",
     "s.yaml:5:7: error: every axis has 'profile: true', but the map needs one without"},
    {HEAD EXPERIMENTS "axes:\n- {param: m_zp, min: 1, max: 2, n: 1e7}\n"
                      "- {param: g_zp, min: 0, max: 1, n: 1e7}\n"
                      "- {param: s2w, min: 0, max: 1, n: 100}\n",
     "s.yaml:6:1: error: 1e+16 grid points; at most 1e+15 are possible"},
    {HEAD EXPERIMENTS "axes:\n- {param: m_zp, min: 1, max: 2, n: 1048577}\n"
                      "- {param: g_zp, min: 0, max: 1, n: 1048576}\n"
                      "- {param: s2w, min: 0, max: 1, n: 100, profile: true}\n",
     "s.yaml:6:1: error: 1.09951e+12 points in the map; at most 2^40 can be"},
    /* parameters */
    {MINIMAL "parameters: {s2x: 3}\n",
     "s.yaml:6:14: error: the model has no parameter 's2x'; did you mean 's2w'?"},
    {MINIMAL "parameters: {axion_mass: 3}\n",
     "the model has no parameter 'axion_mass'; known: s2w, rn_cs, rn_i, rn_csi, rn_ar, rn_ge, "
     "g_zp, m_zp"},
    {MINIMAL "parameters: {s2w: .inf}\n", "parameters: 's2w' must be a finite number"},
    {MINIMAL "parameters: {s2w: [1]}\n", "parameters: 's2w' must be a finite number"},
    {MINIMAL "parameters: {rn_cs: 99}\n", "rn_cs must be from 2 to 12 fm, not 99"},
    /* experiments */
    {HEAD AXES "experiments: []\n", "s.yaml:5:14: error: at least one experiment is needed"},
    {HEAD AXES "experiments: [{es: false}]\n", "experiments[0]: the key 'name' is missing"},
    {HEAD AXES "experiments: [{name: a/b}]\n",
     "s.yaml:5:22: error: release name 'a/b': only letters, digits"},
    {HEAD AXES "experiments: [{name: ownn, option: 1}]\n",
     "s.yaml:5:22: error: no release 'ownn'; did you mean 'own'? (looked in "},
    {HEAD AXES "experiments: [{name: a}, {name: b}, {name: a}]\n",
     "s.yaml:5:37: error: experiments[2]: a stands twice"},
    {HEAD AXES "experiments: [{name: own, es: 1}]\n",
     "s.yaml:5:31: error: experiments[0]: 'es' must be true or false, not '1'"},
    {HEAD AXES "experiments: [{name: own, quenchin: ybe}]\n",
     "s.yaml:5:27: error: experiments[0]: unknown key 'quenchin'; did you mean 'quenching'?"},
    {HEAD AXES "experiments: [{name: own, quenching: yb}]\n",
     "s.yaml:5:38: error: experiments[0]: 'quenching' must be one of fef, ybe, lindhard, not 'yb'; "
     "did you mean 'ybe'?"},
    {HEAD AXES "experiments: [{name: own, quenching: [ybe]}]\n",
     "experiments[0]: 'quenching' must be a word, not a list"},
    {HEAD AXES "experiments: [{name: a, quenching: ybe}]\n",
     "s.yaml:5:25: error: experiments[0]: unknown key 'quenching'; known: name, es, norm_scale, "
     "folder, patch"},
    {HEAD AXES "experiments: [{name: own, patch: 3}]\n",
     "experiments[0]: 'patch' must be a mapping, not '3'"},
    {HEAD AXES "experiments: [{name: own, folder: /nowhere}]\n",
     "s.yaml:5:35: error: there is no release.yaml to read in '/nowhere'"},
    {HEAD AXES "experiments: [{name: own}, {name: a}, {name: own-2}]\n",
     "s.yaml:5:39: error: experiments[2]: own and own-2 hold some of the same data: they cannot be "
     "combined"},
    {HEAD AXES "experiments: [{name: own-2}, {name: own}]\n",
     "s.yaml:5:30: error: experiments[1]: own-2 and own hold some of the same data"},
    {HEAD AXES "experiments: [{name: a, norm_scale: 0}]\n",
     "experiments[0]: 'norm_scale' must be positive"},
    {HEAD AXES "experiments: [{name: a, norm_scal: 1}]\n",
     "experiments[0]: unknown key 'norm_scal'; did you mean 'norm_scale'?"},
    {HEAD AXES
     "experiments: [{name: a},{name: b},{name: c},{name: d},{name: e},{name: f},{name: g},"
     "{name: h},{name: i},{name: j},{name: k},{name: l},{name: m},{name: n},{name: o},"
     "{name: p},{name: q}]\n",
     "more than 16 experiments"},
    /* nuisances */
    {MINIMAL "nuisances: {signal: {fixed: true}}\n",
     "s.yaml:6:13: error: nuisances: write 'signal' as EXPERIMENT:NAME"},
    {MINIMAL "nuisances: {coherent-csi-2012:signal: {fixed: true}}\n",
     "nuisances: 'coherent-csi-2012' is not an experiment of this scan; did you mean "
     "'coherent-csi-2021'?"},
    {MINIMAL "nuisances: {coherent-csi-2021:signal: {sigma: 0}}\n",
     "s.yaml:6:47: error: coherent-csi-2021:signal: 'sigma' must be positive"},
    {MINIMAL "nuisances: {coherent-csi-2021:signal: {sigma: wide}}\n",
     "coherent-csi-2021:signal: 'sigma' must be a number or .inf, not 'wide'"},
    {MINIMAL "nuisances: {coherent-csi-2021:signal: {fixed: true, shared: x}}\n",
     "s.yaml:6:47: error: coherent-csi-2021:signal: a pull is either fixed or shared"},
    {MINIMAL "nuisances: {coherent-csi-2021:signal: {shared: ''}}\n",
     "coherent-csi-2021:signal: 'shared' must be a name"},
    {MINIMAL "nuisances: {coherent-csi-2021:signal: {shared: [x]}}\n",
     "coherent-csi-2021:signal: 'shared' must be a text, not a list"},
    {MINIMAL "nuisances: {coherent-csi-2021:signal: {fix: true}}\n",
     "unknown key 'fix'; did you mean 'fixed'?"},
    /* output */
    {MINIMAL "output: {file: ''}\n", "s.yaml:6:16: error: output: 'file' must not be empty"},
    {MINIMAL "output: {precision: f16}\n",
     "output: 'precision' must be one of f64, f32, i16, not 'f16'"},
    {MINIMAL "output: {pulls: 1}\n", "output: 'pulls' must be true or false, not '1'"},
    {MINIMAL "output: {compres: true}\n", "unknown key 'compres'; did you mean 'compress'?"},
};

START_TEST(each_fault)
{
    refused_with(faults[_i].text, NULL, faults[_i].message);
}
END_TEST

START_TEST(too_many)
{
    char text[20000];
    int used = snprintf(text, sizeof text, "%snuisances:\n", MINIMAL);
    for (int i = 0; i < 65; i++)
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "  coherent-csi-2021:n%d: {fixed: true}\n", i);
    refused_with(text, NULL, "s.yaml:71:3: error: more than 64 nuisances");
    refused_with(HEAD EXPERIMENTS "axes: [{param: m_zp, values: [1]}, {param: g_zp, values: [1]},\n"
                                  "{param: s2w, values: [0.2]}, {param: rn_cs, values: [5]},\n"
                                  "{param: rn_i, values: [5]}, {param: rn_csi, values: [5]},\n"
                                  "{param: rn_ar, values: [5]}, {param: rn_ge, values: [5]},\n"
                                  "{param: s2w, values: [0.2]}]\n",
                 NULL, "axes[8]: s2w has an axis already");
}
END_TEST

START_TEST(all_at_once)
{
    refused_with("schema: 1\nname: t\nmodel: {kind: zprime}\ntoys: 1\n"
                 "axes: [{param: m_zp, unit: GeV, values: [1]}, {param: x, values: [2]}]\n"
                 "experiments: [{name: own, es: 1}]\noutput: {file: 3, pull: 1}\n",
                 NULL, "s.yaml:4:1: error: ");
    static const char *const others[] = {
        "s.yaml:5:28:", "s.yaml:5:55:", "s.yaml:6:31:", "s.yaml:7:19:"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_contains(err.message, others[i]);
}
END_TEST

START_TEST(files)
{
    sevens_config *config;
    ck_assert_int_eq(
        sevens_config_load(&config, SEVENS_SOURCE_DIR "/scans/none.yaml", NULL, true, &err),
        SEVENS_ERR_INPUT);
    ck_assert_ptr_null(config);
    ck_contains(err.message, "scans/none.yaml: cannot read: No such file or directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");
    tcase_add_unchecked_fixture(tests, set_up_releases, remove_releases);
    tcase_set_timeout(tests, 60); /* the largest axes under a sanitizer */
    tcase_add_test(tests, default_scan);
    tcase_add_test(tests, canonical_form);
    tcase_add_test(tests, printed_scan_means_the_same);
    tcase_add_test(tests, axis_values);
    tcase_add_test(tests, electron_scattering);
    tcase_add_test(tests, options);
    tcase_add_test(tests, patches_and_folders);
    tcase_add_test(tests, broken_release);
    tcase_add_test(tests, nuisances);
    tcase_add_test(tests, changes);
    tcase_add_test(tests, bad_changes);
    tcase_add_test(tests, reduce);
    tcase_add_test(tests, reduce_without_an_axis);
    tcase_add_loop_test(tests, each_fault, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_test(tests, too_many);
    tcase_add_test(tests, all_at_once);
    tcase_add_test(tests, files);
    suite_add_tcase(suite, tests);
    return test_run(suite);
}
