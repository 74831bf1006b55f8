/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of every kind at pseudo-random points, written once for the program and once for the
 * independent reference; test_models.h lists and compares them. The kinds come first, then
 * combinations, then draws. */
#ifndef SEVENS_TEST_MODEL_DRAWS_H
#define SEVENS_TEST_MODEL_DRAWS_H

#include "reference/reference.h"
#include "sevens/constants.h"
#include "sevens/xsec.h"
#include "test_problem.h"

typedef struct model_case model_case;

/* A point: values of the program's parameters in t, and what the reference is asked for: the rates
 * of ref[0] and of what the others add to the Standard Model. */
typedef struct model_draw {
    const model_case *c;
    sevens_process process;
    test_problem t;
    unsigned long long seed;
    int point; /* 0, 1, ... */
    ref_model ref[2];
    int n_ref;
    ref_nucleus cs, iodine;
    ref_table photoelectric; /* of both elements, n = 0: none */
} model_draw;

struct model_case {
    const char *name, *model; /* `model:` of the scan file */
    void (*draw)(model_draw *d);
    const char *parameters; /* those without a default, NULL: none */
    const char *extra;      /* further keys of the scan file, NULL: none */
    const char *charges;    /* of a Z' */
    ref_couplings couplings;
    ref_form_factor_kind form_factor;
    ref_kinematics kinematics;
    int option;       /* what the kind makes of it */
    double number[3]; /* the same */
    int points;       /* 0: 3 */
};

/* ---- numbers ---- */

static inline double draw_amount(model_draw *d, double lo, double hi)
{
    return test_random_log(&d->seed, lo, hi);
}

static inline double draw_signed(model_draw *d, double lo, double hi)
{
    double sign = test_random(&d->seed) < 0.5 ? -1.0 : 1.0;

    return sign * draw_amount(d, lo, hi);
}

static inline double draw_mass(model_draw *d)
{
    return draw_amount(d, 1e-3, 1e5);
}

/* g^2 of a mediator that does about as much as the weak interaction at typical recoils. */
static inline double draw_strength(model_draw *d, double m)
{
    double q2 = d->process == SEVENS_ES ? 3e-3 : 900.0;

    return draw_amount(d, 0.05, 5.0) * SEVENS_SQRT2 * SEVENS_G_FERMI * (q2 + m * m);
}

static inline void draw_set(model_draw *d, const char *name, double value)
{
    size_t i = sevens_model_find(d->t.problem->model, name);

    ck_assert_msg(i < sevens_model_n_parameters(d->t.problem->model), "no parameter %s", name);
    d->t.value[i] = value;
}

/* ---- kinds ---- */

static inline void draw_sm(model_draw *d)
{
    d->ref[0].s2w = 0.2 + 0.08 * test_random(&d->seed);
    d->cs.rn_fm = 4.0 + 2.0 * test_random(&d->seed);
    d->iodine.rn_fm = 4.0 + 2.0 * test_random(&d->seed);
    d->ref[0].axial = d->c->option;
    draw_set(d, "s2w", d->ref[0].s2w);
    draw_set(d, "rn_cs", d->cs.rn_fm);
    draw_set(d, "rn_i", d->iodine.rn_fm);
    if (d->point == 1) { /* one radius for both goes first */
        d->cs.rn_fm = d->iodine.rn_fm = 5.377;
        draw_set(d, "rn_csi", 5.377);
    } else {
        draw_set(d, "rn_csi", NAN);
    }
}

static const char *const draw_pair[6] = {"ee", "mumu", "tautau", "emu", "etau", "mutau"};
static const int draw_row[6] = {0, 1, 2, 0, 0, 1}, draw_column[6] = {0, 1, 2, 1, 2, 2};

static inline void draw_nsi(model_draw *d)
{
    for (int i = 0; i < 6; i++) {
        int a = draw_row[i], b = draw_column[i];
        double u = draw_signed(d, 0.03, 0.6), down = draw_signed(d, 0.03, 0.6);
        char name[32];

        snprintf(name, sizeof name, "eps_u_%s", draw_pair[i]);
        draw_set(d, name, u);
        snprintf(name, sizeof name, "eps_d_%s", draw_pair[i]);
        draw_set(d, name, down);
        d->ref[0].nsi_u[a][b] = d->ref[0].nsi_u[b][a] = u;
        d->ref[0].nsi_d[a][b] = d->ref[0].nsi_d[b][a] = down;
    }
}

/* Loops are weak: their coupling is larger. option: norm strigari; number[0]: loop_sign. */
static inline void draw_zprime(model_draw *d)
{
    double m = draw_mass(d), g2 = draw_strength(d, m);
    bool loops = d->c->charges[0] == 'l', bare = d->process == SEVENS_CEVNS;

    d->ref[0] = ref_zprime(d->c->charges, 0.0, m);
    if (loops && (bare || d->ref[0].q_e == 0.0))
        g2 *= 300.0;
    d->ref[0].g = sqrt(g2);
    d->ref[0].strigari = d->c->option;
    d->ref[0].loop_opposite = d->c->number[0] < 0.0;
    draw_set(d, "m_zp", m);
    draw_set(d, "g_zp", d->ref[0].g);
}

/* {u: 0.37, d: -0.21, e: 1.3, mu: -0.9, tau: 0.4, electron: 0.7} */
#define DRAW_FREE "{u: 0.37, d: -0.21, e: 1.3, mu: -0.9, tau: 0.4, electron: 0.7}"
static inline void draw_free(model_draw *d)
{
    double m = draw_mass(d), g = sqrt(draw_strength(d, m));
    const double q_nu[3] = {1.3, -0.9, 0.4};

    d->ref[0].g = g;
    d->ref[0].m_MeV = m;
    d->ref[0].q_u = 0.37;
    d->ref[0].q_d = -0.21;
    d->ref[0].q_e = 0.7;
    memcpy(d->ref[0].q_nu, q_nu, sizeof q_nu);
    draw_set(d, "m_zp", m);
    draw_set(d, "g_zp", g);
}

static inline void draw_baryonic(model_draw *d)
{
    double m = draw_mass(d), g2 = draw_strength(d, m) * (d->point % 2 ? -1.0 : 1.0);

    d->ref[0] = ref_baryonic(g2, m);
    draw_set(d, "m_zp", m);
    draw_set(d, "g2_b", g2);
}

static inline void draw_mixing(model_draw *d)
{
    double m = draw_mass(d), g = 3.0 * sqrt(draw_strength(d, m));
    bool dark_z = d->c->charges[5] == 'z';
    double eps = dark_z ? g / (2.0 * SEVENS_M_Z * sqrt(SEVENS_SQRT2 * SEVENS_G_FERMI)) : g / 0.35;

    d->ref[0] = dark_z ? ref_dark_z(eps, m) : ref_dark_hypercharge(eps, m);
    draw_set(d, "m_zp", m);
    draw_set(d, "eps", eps);
}

/* option: power n */
static inline void draw_hidden(model_draw *d)
{
    double m = draw_mass(d), lambda = draw_amount(d, 10.0, 1e4), g2 = draw_strength(d, m);

    g2 *= d->c->option ? lambda * lambda / 900.0 : 1.0;
    d->ref[0] = ref_hidden(sqrt(g2), m, d->c->option, lambda);
    draw_set(d, "m_zp", m);
    draw_set(d, "g_zp", sqrt(g2));
    draw_set(d, "lambda", lambda);
}

/* Axial charges of the neutrinos of DRAW_FREE; option: the vector ones too, and `axial` of sm. */
#define DRAW_AXIAL "{kind: zprime-axial, charges: {u: 0.8, d: -0.5, e: 1.3, mu: -0.9, tau: 0.4}}"
static inline void draw_axial(model_draw *d)
{
    draw_free(d);
    d->ref[0].a_u = 0.8;
    d->ref[0].a_d = -0.5;
    d->ref[0].axial = d->c->option;
    if (d->c->option)
        return;
    d->ref[0].q_u = d->ref[0].q_d = d->ref[0].q_e = 0.0;
    d->ref[0].g *= 6.0; /* spins do not add up */
    draw_set(d, "g_zp", d->ref[0].g);
}

/* Charges of proton, neutron, electron in number; option: tensor. */
static inline void draw_boson(model_draw *d)
{
    const double *q = d->c->number;
    double m = draw_mass(d), charge = d->process == SEVENS_ES ? q[2] : q[0];
    double g = sqrt(draw_strength(d, m) / fmax(1.0, fabs(charge)));
    ref_model *r = &d->ref[0];

    r->g = g;
    r->m_MeV = m;
    *(d->c->option ? &r->tensor_p : &r->scalar_p) = q[0];
    *(d->c->option ? &r->tensor_n : &r->scalar_n) = q[1];
    *(d->c->option ? &r->tensor_e : &r->scalar_e) = q[2];
    draw_set(d, "m_phi", m);
    draw_set(d, "g_phi", g);
}

static inline void draw_moment(model_draw *d)
{
    static const char *const names[3] = {"mu_nu_e", "mu_nu_mu", "mu_nu_tau"};

    for (int l = 0; l < 3; l++) {
        d->ref[0].mu_nu[l] = draw_signed(d, 2e-10, 2e-8);
        draw_set(d, names[l], d->ref[0].mu_nu[l]);
    }
}

static inline void draw_pairs(model_draw *d, const char *prefix, double lo, double hi,
                              double diagonal[3], double transition[3])
{
    for (int i = 0; i < 6; i++) {
        double value = draw_signed(d, lo, hi);
        char name[32];

        snprintf(name, sizeof name, "%s_%s", prefix, draw_pair[i]);
        draw_set(d, name, value);
        *(i < 3 ? &diagonal[i] : &transition[i - 3]) = value;
    }
}

static inline void draw_radius(model_draw *d)
{
    bool tree = d->c->couplings == REF_CHARGE_RADIUS_TREE;

    d->ref[0].couplings = tree ? REF_CHARGE_RADIUS_TREE : REF_CHARGE_RADIUS;
    draw_pairs(d, "r2", 0.3, 60.0, d->ref[0].r2, d->ref[0].r2_transition);
}

/* Charges of the size that matters for the process. */
static inline void draw_millicharge(model_draw *d)
{
    double size = d->process == SEVENS_ES ? 1e-12 : 1e-7;

    d->ref[0].photon_approximation = d->photoelectric.n > 0;
    draw_pairs(d, "q", 0.05 * size, 3.0 * size, d->ref[0].millicharge,
               d->ref[0].millicharge_transition);
}

/* number[0]: half the range of baselines. dm^2 from 1e-3 to 100 eV^2. */
static inline void draw_sterile(model_draw *d)
{
    static const double dm2[] = {2.3e-3, 0.41, 6.7, 97.0};

    d->ref[0] = ref_sterile(0.05 + 0.3 * test_random(&d->seed), 0.05 + 0.3 * test_random(&d->seed),
                            dm2[d->point]);
    d->ref[0].l_half_m = d->c->number[0];
    draw_set(d, "dm2_41", dm2[d->point]);
    draw_set(d, "u_e4_2", d->ref[0].u4_2[0]);
    draw_set(d, "u_mu4_2", d->ref[0].u4_2[1]);
}

/* option: mutau; number[0]: Y_n. */
static inline void draw_lma(model_draw *d)
{
    double m = draw_mass(d), eta = -SEVENS_PI + 2.0 * SEVENS_PI * test_random(&d->seed);

    d->ref[0] = ref_lma_dark(eta, m, d->c->number[0], d->c->option);
    draw_set(d, "m_zp", m);
    draw_set(d, "eta", eta);
}

static inline void draw_dipole(model_draw *d)
{
    static const double m4[] = {1e-3, 1.0, 15.0, 40.0};

    d->ref[0].m4_MeV = m4[d->point];
    draw_set(d, "m4", m4[d->point]);
    for (int l = 0; l < 2; l++) {
        d->ref[0].dipole[l] = draw_signed(d, 1e-9, 1e-8);
        draw_set(d, l == 0 ? "mu_d_e" : "mu_d_mu", d->ref[0].dipole[l]);
    }
}

/* ---- combinations ---- */

/* One amplitude of all vector kinds; the magnetic moment adds. */
static inline void draw_interfering(model_draw *d)
{
    draw_free(d);
    draw_nsi(d);
    draw_radius(d);
    draw_millicharge(d);
    draw_moment(d);
}

/* Two bosons; the reference knows a second one as NSI that fall with Q2. */
static inline void draw_two_vectors(model_draw *d)
{
    const double q_nu[3] = {0.7, -1.2, 0.3};
    double m = draw_mass(d), g = sqrt(draw_strength(d, m));

    draw_free(d);
    d->ref[0].nsi_m_MeV = m;
    for (int l = 0; l < 3; l++) {
        double unit = g * g * q_nu[l] / (SEVENS_SQRT2 * SEVENS_G_FERMI * m * m);

        d->ref[0].nsi_u[l][l] = 0.5 * unit;
        d->ref[0].nsi_d[l][l] = -0.3 * unit;
    }
    draw_set(d, "second.m_zp", m);
    draw_set(d, "second.g_zp", g);
}

/* Rates of a scalar, a tensor and a magnetic moment add. */
static inline void draw_scalar_tensor(model_draw *d)
{
    double m = draw_mass(d), g = 0.3 * sqrt(draw_strength(d, m));

    draw_boson(d);
    draw_moment(d);
    d->n_ref = 2;
    d->ref[1] = ref_tensor(g, m);
    d->ref[1].tensor_p = 1.7;
    d->ref[1].tensor_n = -0.6;
    d->ref[1].tensor_e = 0.8;
    draw_set(d, "other.m_phi", m);
    draw_set(d, "other.g_phi", g);
}

/* All neutrinos scatter less. */
static inline void draw_sterile_zprime(model_draw *d)
{
    double m = draw_mass(d), g = sqrt(draw_strength(d, m));

    draw_sterile(d);
    d->ref[0].g = g;
    d->ref[0].m_MeV = m;
    d->ref[0].q_u = d->ref[0].q_d = d->ref[0].q_e = 1.0;
    d->ref[0].q_nu[0] = d->ref[0].q_nu[1] = d->ref[0].q_nu[2] = 1.0;
    draw_set(d, "m_zp", m);
    draw_set(d, "g_zp", g);
}

/* ---- draws ---- */

static inline model_draw model_draw_begin(const model_case *c, sevens_process process,
                                          const ref_table *photoelectric)
{
    model_draw d = {.c = c, .process = process, .seed = 20260102};
    char scan[8192];

    snprintf(scan, sizeof scan,
             "{schema: 1, name: t, model: %s, parameters: {%s}%s%s, experiments: [{name: "
             "coherent-csi-2021, es: %s}]}",
             c->model, c->parameters ? c->parameters : "", c->extra ? ", " : "",
             c->extra ? c->extra : "", process == SEVENS_ES ? "true" : "false");
    d.t = test_problem_make(scan);
    for (const char *p = c->name; *p; p++)
        d.seed = 31 * d.seed + (unsigned char)*p;
    if (photoelectric)
        d.photoelectric = *photoelectric;
    return d;
}

static inline void model_draw_point(model_draw *d, int point)
{
    d->point = point;
    d->n_ref = 1;
    d->ref[0] = ref_standard_model();
    d->cs = ref_cs133();
    d->iodine = ref_i127();
    d->c->draw(d);
    for (int i = 0; i < d->n_ref; i++) {
        d->ref[i].couplings = d->c->couplings ? d->c->couplings : d->ref[i].couplings;
        d->ref[i].form_factor = d->c->form_factor;
        d->ref[i].kinematics = d->c->kinematics;
    }
}

static inline int model_points(const model_case *c, sevens_process process)
{
    bool sterile = c->draw == draw_sterile || c->draw == draw_sterile_zprime;

    if (sterile && process == SEVENS_ES)
        return 2; /* the reference follows every turn, down to E_min of electrons: that is slow */
    return c->points ? c->points : 3;
}

#endif
