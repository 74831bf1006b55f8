/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind `millicharge`: electric charges of the neutrinos, a photon exchanged with protons and
 * electrons. It interferes with the Standard Model; charges that change the flavour add their
 * square. Bound electrons: free ones with Z_eff, or the photoelectric cross section and equivalent
 * photons. physics.md eqs. 40 and 41. */
#include "model_internal.h"
#include "sevens/constants.h"
#include "sevens/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHARGE(name_, doc_)                                                                        \
    {                                                                                              \
        .name = name_, .unit = "e", .role = SEVENS_ROLE_COEFFICIENT, .has_default = true,          \
        .min = -1.0, .max = 1.0, .doc = doc_                                                       \
    }

static const sevens_parameter parameters[MODEL_N_PAIRS] = {
    CHARGE("q_ee", "charge of nu_e"),
    CHARGE("q_mumu", "charge of nu_mu"),
    CHARGE("q_tautau", "charge of nu_tau"),
    CHARGE("q_emu", "transition charge nu_e - nu_mu"),
    CHARGE("q_etau", "transition charge nu_e - nu_tau"),
    CHARGE("q_mutau", "transition charge nu_mu - nu_tau"),
};

#define MAX_ELEMENTS 8
#define LARGEST_CM2 1e-10 /* far above any atom: a unit is wrong, perhaps barn */
enum { FREE, EPA };

typedef struct element_table {
    const char *symbol; /* of the scan file */
    sevens_table table;
    const double *E_keV, *sigma_cm2; /* columns of it */
} element_table;

typedef struct millicharge_options {
    int es; /* FREE, EPA */
    const sevens_node *photoelectric_node;
    size_t n_element; /* completed by configure */
    element_table element[MAX_ELEMENTS];
} millicharge_options;

static const sevens_key options[] = {
    {.name = "es_millicharge",
     .type = SEVENS_KEY_CHOICE,
     .offset = offsetof(millicharge_options, es),
     .default_text = "free",
     .choices = "free|epa",
     .doc =
         "electrons: free ones with Z_eff, or bound ones in the equivalent photon approximation"},
    {.name = "photoelectric",
     .type = SEVENS_KEY_MAPPING,
     .offset = offsetof(millicharge_options, photoelectric_node),
     .default_text = "",
     .doc = "es_millicharge: epa needs {ELEMENT: FILE.csv} with columns E[keV], sigma[cm^2] per "
            "atom"},
};

/* ---- tables of the photoelectric cross section ---- */

static bool is_symbol(const char *text)
{
    const sevens_nucleus *nucleus;

    for (size_t i = 0; (nucleus = sevens_nucleus_at(i)) != NULL; i++) {
        if (strcmp(nucleus->symbol, text) == 0)
            return true;
    }
    return false;
}

static void read_element(millicharge_options *own, sevens_document *doc, const sevens_node *key,
                         const sevens_node *item)
{
    element_table *e = &own->element[own->n_element];
    sevens_error err = {0};
    bool good;

    if (own->n_element == MAX_ELEMENTS || item->kind != SEVENS_NODE_SCALAR) {
        sevens_document_fault(doc, item,
                              "photoelectric: at most %d elements, each with the name of a file",
                              MAX_ELEMENTS);
        return;
    }
    if (!is_symbol(key->text)) {
        sevens_document_fault(doc, key, "'%.20s' is not the symbol of an element of the program",
                              key->text);
        return;
    }
    if (strcmp(item->text, "-") == 0) {
        sevens_document_fault(doc, item, "photoelectric: a file is needed, not standard input");
        return;
    }
    e->symbol = key->text;
    good = sevens_table_load(&e->table, item->text, &err) == SEVENS_OK;
    if (good) {
        own->n_element++;
        good = sevens_table_column(&e->table, "E[keV]", &e->E_keV, &err) == SEVENS_OK &&
               sevens_table_column(&e->table, "sigma[cm^2]", &e->sigma_cm2, &err) == SEVENS_OK;
    }
    if (!good)
        sevens_document_fault(doc, item, "%s", err.message);
    for (size_t i = 0; good && i < e->table.n_row; i++) {
        good = e->sigma_cm2[i] >= 0.0 && e->sigma_cm2[i] <= LARGEST_CM2 &&
               e->E_keV[i] > (i > 0 ? e->E_keV[i - 1] : 0.0);
        if (!good)
            sevens_document_fault(doc, item,
                                  "%s:%d: energies must be positive and increase, cross sections "
                                  "must be from 0 to %g cm^2",
                                  item->text, e->table.line[i], LARGEST_CM2);
    }
}

static void configure(void *opaque, sevens_document *doc, const sevens_node *entry)
{
    millicharge_options *own = opaque;
    const sevens_node *map = own->photoelectric_node;

    if (own->es == EPA && !map)
        sevens_document_fault(doc, entry,
                              "es_millicharge: epa needs 'photoelectric: {ELEMENT: FILE.csv}'");
    if (own->es == FREE && map)
        sevens_document_fault(doc, map, "'photoelectric' goes with es_millicharge: epa only");
    for (size_t i = 0; own->es == EPA && map && i < map->n; i++)
        read_element(own, doc, map->key[i], map->item[i]);
}

static void release(void *opaque)
{
    millicharge_options *own = opaque;

    for (size_t i = 0; i < own->n_element; i++)
        sevens_table_free(&own->element[i].table);
}

static const element_table *find_element(const millicharge_options *own, const char *symbol)
{
    for (size_t i = 0; i < own->n_element; i++) {
        if (strcmp(own->element[i].symbol, symbol) == 0)
            return &own->element[i];
    }
    return NULL;
}

/* Linear between the table's energies, 0 outside; NaN for an element without a table. */
static double photoelectric_cm2(const millicharge_options *own, const char *symbol, double E_keV)
{
    const element_table *e = find_element(own, symbol);
    size_t lo = 0, hi;

    if (!e)
        return NAN;
    hi = e->table.n_row - 1;
    if (E_keV < e->E_keV[0] || E_keV > e->E_keV[hi])
        return 0.0;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;

        if (e->E_keV[mid] <= E_keV)
            lo = mid;
        else
            hi = mid;
    }
    if (hi == lo)
        return e->sigma_cm2[lo];
    return e->sigma_cm2[lo] + (e->sigma_cm2[hi] - e->sigma_cm2[lo]) * (E_keV - e->E_keV[lo]) /
                                  (e->E_keV[hi] - e->E_keV[lo]);
}

/* The table is linear between its energies. */
static size_t kinks(const void *opaque, const sevens_target *target, size_t max, double *T_MeV)
{
    const element_table *e = find_element(opaque, target->nucleus->symbol);
    size_t n = e && target->process == SEVENS_ES ? e->table.n_row : 0;

    for (size_t i = 0; i < n && i < max; i++)
        T_MeV[i] = 1e-3 * e->E_keV[i];
    return n;
}

/* ---- amplitude ---- */

enum { PHOTON_EXCHANGE, IONISATION };

static const sevens_term *select_terms(const void *opaque, size_t *n)
{
    static const sevens_term free_electrons[] = {
        {SEVENS_VECTOR, SEVENS_ON_PROTON | SEVENS_ON_ELECTRON}};
    static const sevens_term bound_electrons[] = {{SEVENS_VECTOR, SEVENS_ON_PROTON},
                                                  {SEVENS_PHOTON, SEVENS_ON_ELECTRON}};
    bool epa = ((const millicharge_options *)opaque)->es == EPA;

    *n = epa ? 2 : 1;
    return epa ? bound_electrons : free_electrons;
}

static void shape(const void *opaque, const sevens_model_values *values, size_t t,
                  const sevens_target *target, size_t n, const double *q2, double *w)
{
    (void)values;
    if (t == PHOTON_EXCHANGE) {
        sevens_mediator_shape(0.0, n, q2, w);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double T_keV = 1000.0 * q2[i] / (2.0 * target->M_MeV);

        w[i] = sqrt(photoelectric_cm2(opaque, target->nucleus->symbol, T_keV) /
                    SEVENS_HBARC2_MEV2_CM2);
    }
}

static void amplitude(const void *opaque, const sevens_model_values *values, sevens_family family,
                      sevens_family final, sevens_coupling *contact, sevens_coupling *own)
{
    sevens_affine q = values->mapped[sevens_family_pair(family, final)];
    double unit = 4.0 * SEVENS_PI * SEVENS_ALPHA_EM * sevens_mediator_scale(0.0);

    (void)contact;
    sevens_couple(&own[PHOTON_EXCHANGE], SEVENS_PROTON, unit, q);
    if (((const millicharge_options *)opaque)->es == FREE)
        sevens_couple(&own[PHOTON_EXCHANGE], SEVENS_ELECTRON, -unit, q);
    else
        sevens_couple(&own[IONISATION], SEVENS_ELECTRON, 1.0, q);
}

const sevens_model_kind sevens_model_kind_millicharge = {
    .name = "millicharge",
    .formula = "gVp + 2 sqrt2 pi alpha q_ll/(G_F Q2), electrons gV - the same; transitions squared",
    .equation = "physics.md eqs. 40 and 41",
    .reference = "1403.6344; 2205.09484; 1405.7168",
    .parameters = parameters,
    .n_parameters = MODEL_N_PAIRS,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .options_size = sizeof(millicharge_options),
    .configure = configure,
    .release = release,
    .select_terms = select_terms,
    .shape = shape,
    .amplitude = amplitude,
    .tells_flavours = sevens_always,
    .kinks = kinks,
};
