/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recomputes what docs/physics.md says of the models beyond light vector mediators, and of electron
 * recoils, with the reference alone: rows of the validation table, identities, limits.
 *     check_models_md FOLDER         FOLDER holds dataBeamOnC.txt and the other original files
 * Exit 1 if a row fails. Identities come first, then counts, then limits from chi2. */
#include "check_support.h"

#include <gsl/gsl_integration.h>

static const double g_fermi = 1.1663788e-11, hbarc2 = 3.89379372e-22, alpha = 7.2973525693e-3;
static const double m_e = 0.51099895, m_w = 80377, m_z = 91187.6, s2w = 0.23857;

static double shift_of(const ref_model *model, const ref_nucleus *nucleus, ref_flavour flavour,
                       double t)
{
    ref_model none = ref_standard_model();
    none.couplings = model->couplings;
    none.form_factor = model->form_factor;
    return ref_weak_charge(model, nucleus, flavour, t) -
           ref_weak_charge(&none, nucleus, flavour, t);
}

static void check_charge_radius(setting *set)
{
    static const double mass[3] = {0.51099895, 105.6583755, 1776.86};
    static const double spec[3] = {-0.83, -0.48, -0.30};
    ref_nucleus cs = ref_cs133();
    for (int l = 0; l < 3; l++) {
        double logs = log(m_w * m_w / (mass[l] * mass[l]));
        double radius = -g_fermi / (2 * M_SQRT2 * M_PI * M_PI) * (3 + 2 * logs) * hbarc2 * 1e32;
        double radiative = alpha / (3 * M_PI) * (logs + 1.5);
        ref_model model = ref_standard_model();
        model.form_factor = REF_POINT;
        model.couplings = REF_CHARGE_RADIUS;
        model.r2[l] = radius;
        ref_flavour flavour = l == 0 ? REF_NU_E : l == 1 ? REF_NU_MU : REF_NU_TAU;
        row(set, "charge radius of the SM [1e-32 cm^2]", radius, spec[l], 0.005, 0);
        row(set, "... its shift over the radiative term",
            shift_of(&model, &cs, flavour, 0.01) / 55 / radiative, 1.10897, 1e-5, 1);
    }
    /* the same vertex: q + q^2 <r^2> / 6, q^2 = -Q2; 1.10897 is what m_W^2 s2 differs by */
    ref_model radius = ref_standard_model(), charge = radius;
    double t = 0.01, q2 = 2 * ref_mass_MeV(&cs) * t;
    radius.couplings = REF_CHARGE_RADIUS;
    radius.r2[1] = 2;
    charge.millicharge[1] = -q2 * 2e-32 / hbarc2 / 6;
    double ratio = shift_of(&radius, &cs, REF_NU_MU, t) / shift_of(&charge, &cs, REF_NU_MU, t);
    row(set, "charge radius over millicharge -Q2 <r^2> / 6", ratio, 1.10897, 1e-5, 1);
    row(set, "m_W^2 s2 over pi alpha / (sqrt2 G_F)",
        m_w * m_w * s2w * M_SQRT2 * g_fermi / (M_PI * alpha), 1.10897, 1e-5, 1);
}

static void check_dark_z(setting *set)
{
    ref_nucleus cs = ref_cs133();
    ref_atom atom = ref_atom_of(55);
    double t = 0.01, q2 = 2 * ref_mass_MeV(&cs) * t, eps = 3e-4, m = 50;
    ref_model dark = ref_dark_z(eps, m), tree = ref_standard_model();
    dark.couplings = tree.couplings = REF_TREE;
    row(set, "dark Z over tree SM, less 1",
        ref_weak_charge(&dark, &cs, REF_NU_E, t) / ref_weak_charge(&tree, &cs, REF_NU_E, t) - 1,
        eps * eps * m_z * m_z / (q2 + m * m), 1e-10, 1);
    dark = ref_dark_z(1, m_z);
    row(set, "dark Z as the Z itself, ES of nu_mu over the SM",
        ref_xsec_es(&dark, &atom, REF_NU_MU, 20, 2e-3) /
            ref_xsec_es(&tree, &atom, REF_NU_MU, 20, 2e-3),
        4, 1e-11, 1);
    double gv = 2 * (2 * s2w - 0.5) + 1, ga = 2 * -0.5 + 1, y = 1 - 2e-3 / 20;
    row(set, "... ES of nu_e, cm^2/MeV per electron",
        ref_xsec_es(&dark, &atom, REF_NU_E, 20, 2e-3) / ref_z_eff(&atom, 2e-3),
        hbarc2 * g_fermi * g_fermi * m_e / (2 * M_PI) *
            (pow(gv + ga, 2) + pow((gv - ga) * y, 2) - (gv * gv - ga * ga) * m_e * 2e-3 / 400),
        1e-8, 1);
}

static void check_nsi(setting *set)
{
    static const char *const name[3] = {"133Cs", "127I", "40Ar"};
    static const double spec[3] = {0.35775, 0.35610, 0.34157};
    for (int i = 0; i < 3; i++) {
        ref_nucleus n = ref_nucleus_named(name[i]);
        ref_model model = ref_standard_model(), tree;
        model.couplings = REF_TREE;
        model.form_factor = REF_POINT;
        tree = model;
        model.nsi_d[0][0] = 1;
        double q0 = ref_weak_charge(&tree, &n, REF_NU_E, 0);
        double slope = ref_weak_charge(&model, &n, REF_NU_E, 0) - q0;
        row(set, "degenerate eps^d_ee", -2 * q0 / slope, spec[i], 5e-6, 0);
        model.nsi_d[0][0] = spec[i];
        row(set, "... cross section over the SM",
            ref_xsec_cevns(&model, &n, REF_NU_E, 30, 1e-3) /
                ref_xsec_cevns(&tree, &n, REF_NU_E, 30, 1e-3),
            1, 1e-4, 0);
    }
    ref_nucleus cs = ref_cs133();
    ref_model heavy = ref_zprime("b-3l_mu", 0.1, 1e6), nsi = ref_standard_model();
    nsi.nsi_u[1][1] = nsi.nsi_d[1][1] = -1e-2 / (M_SQRT2 * g_fermi * 1e12);
    row(set, "Z' of 1 TeV over NSI", shift_of(&heavy, &cs, REF_NU_MU, 0.01),
        shift_of(&nsi, &cs, REF_NU_MU, 0.01), 1e-8, 1);
    /* e -> mu, e -> tau: flavour changing squares add */
    nsi = ref_standard_model();
    double sm = ref_xsec_cevns(&nsi, &cs, REF_NU_E, 30, 0.003);
    nsi.nsi_u[0][1] = nsi.nsi_u[1][0] = 0.3;
    nsi.nsi_d[0][2] = nsi.nsi_d[2][0] = -0.2;
    double all = ref_xsec_cevns(&nsi, &cs, REF_NU_E, 30, 0.003) - sm;
    nsi.nsi_u[0][1] = nsi.nsi_u[1][0] = 0;
    double one = ref_xsec_cevns(&nsi, &cs, REF_NU_E, 30, 0.003) - sm;
    nsi.nsi_d[0][2] = nsi.nsi_d[2][0] = 0;
    nsi.nsi_u[0][1] = nsi.nsi_u[1][0] = 0.3;
    double other = ref_xsec_cevns(&nsi, &cs, REF_NU_E, 30, 0.003) - sm;
    row(set, "flavour changing NSI: sum over final states", all, one + other, 1e-10, 1);
}

static void check_lines(setting *set)
{
    static const char *const name[4] = {"133Cs", "127I", "40Ar"};
    static const double zero[3] = {1.247e-6, 1.247e-6, 1.206e-6};
    for (int i = 0; i < 3; i++) {
        ref_nucleus n = ref_nucleus_named(name[i]);
        ref_model model = ref_standard_model();
        model.couplings = REF_TREE;
        double q0 = fabs(0.02286 * n.Z - 0.5 * n.N), m = 1e5;
        double g = sqrt(M_SQRT2 * g_fermi * q0 / (3 * (n.Z + n.N)));
        row(set, "zero rate: g / M, universal, tree", g, zero[i], i < 2 ? 3e-9 : 1e-9, 0);
        row(set, "... degenerate", g * M_SQRT2, i < 2 ? 1.763e-6 : 1.706e-6, i < 2 ? 4e-9 : 1e-9,
            0);
        double simple = sqrt(M_SQRT2 * g_fermi * n.N / 2 / (3 * (n.Z + n.N)));
        if (i < 2)
            row(set, "... with Q0 = N / 2", simple, 1.268e-6, 3e-9, 0);
        model.form_factor = REF_POINT;
        double sm = ref_weak_charge(&model, &n, REF_NU_E, 0);
        ref_model line = ref_universal(g * m, m);
        line.couplings = REF_TREE;
        line.form_factor = REF_POINT;
        row(set, "... weak charge over the SM, zero", ref_weak_charge(&line, &n, REF_NU_E, 0) / sm,
            0, 1e-12, 0);
        line.g *= M_SQRT2;
        row(set, "... degenerate", ref_weak_charge(&line, &n, REF_NU_E, 0) / sm, -1, 1e-12, 0);
    }
}

/* Axial part against the formula for g_v and g_a as a whole. */
static void check_axial(setting *set)
{
    ref_nucleus iodine = ref_i127();
    ref_model model = ref_zprime("b-l", 1e-3, 30);
    model.axial = 1;
    model.kinematics = REF_K2;
    model.a_u = 0.7;
    model.a_d = -0.4;
    double e = 40, t = 0.02, m = ref_mass_MeV(&iodine);
    double f = ref_form_factor(REF_HELM, sqrt(2 * m * t), iodine.rp_fm, 127);
    double mediated =
        1e-6 * -1 * (0.7 * 0.842 + 0.4 * 0.427) / (M_SQRT2 * g_fermi * (2 * m * t + 900));
    double ga = f * (0.5 - mediated);
    for (int anti = 0; anti < 2; anti++) {
        ref_flavour flavour = anti ? REF_NUBAR_MU : REF_NU_MU;
        double gv = ref_weak_charge(&model, &iodine, flavour, t), a = anti ? -ga : ga;
        double whole =
            hbarc2 * g_fermi * g_fermi * m / (2 * M_PI) *
            (pow(gv + a, 2) + pow((gv - a) * (1 - t / e), 2) + (a * a - gv * gv) * m * t / (e * e));
        row(set, anti ? "axial, antineutrino" : "axial, neutrino",
            ref_xsec_cevns(&model, &iodine, flavour, e, t), whole, 1e-11, 1);
    }
    ref_nucleus ar = ref_ar40();
    row(set, "axial charge of 40Ar", ref_axial_charge(&model, &ar, REF_NU_E, t), 0, 0, 0);
}

/* Against traces of explicit gamma matrices: |M|^2 / (32 pi m E^2) with unit couplings and, for
 * mediators, unit propagator. E = 30 MeV; T = 10 keV on 133Cs, 3 MeV on the electron. */
static void check_flips(setting *set)
{
    static const double nuclear[4] = {13545.53769, 103357.4172, 7.955094572, 7.618113934};
    static const double electron[3] = {0.0002725842339, 0.5869111667, 0.02387324146};
    static const char *const name[4] = {"scalar", "tensor", "magnetic moment",
                                        "dipole portal, m4 = 12 MeV"};
    ref_nucleus cs = ref_cs133();
    ref_atom atom = ref_atom_of(55);
    double q2[2] = {2 * ref_mass_MeV(&cs) * 0.01, 2 * m_e * 3}, e2 = 4 * M_PI * alpha;
    double magneton2 = e2 / (4 * m_e * m_e), e = 30;
    for (int kind = 0; kind < 4; kind++) {
        ref_model model = ref_standard_model();
        double unit[2] = {e2 * magneton2 * 1e-18 * 55 * 55, e2 * magneton2 * 1e-18};
        model.form_factor = REF_POINT;
        model.scalar_spin = 1;
        ref_model none = model;
        if (kind < 2)
            for (int i = 0; i < 2; i++)
                unit[i] = 1e-12 / pow(q2[i] + 400, 2) * (i ? 1 : 133 * 133);
        model.g = 1e-3;
        model.m_MeV = 20;
        model.scalar_p = model.scalar_n = model.scalar_e = kind == 0;
        model.tensor_p = model.tensor_n = model.tensor_e = kind == 1;
        model.mu_nu[1] = kind == 2 ? 1e-9 : 0;
        model.dipole[1] = kind == 3 ? 1e-9 : 0;
        model.m4_MeV = 12;
        row(set, name[kind],
            ref_xsec_cevns(&model, &cs, REF_NU_MU, e, 0.01) -
                ref_xsec_cevns(&none, &cs, REF_NU_MU, e, 0.01) +
                ref_xsec_dipole(&model, &cs, REF_NU_MU, e, 0.01),
            nuclear[kind] * unit[0] * hbarc2, kind == 1 ? 1e-6 : 1e-8, 1);
        if (kind < 3)
            row(set, "... on electrons",
                ref_xsec_es(&model, &atom, REF_NU_MU, e, 3) -
                    ref_xsec_es(&none, &atom, REF_NU_MU, e, 3),
                55 * electron[kind] * unit[1] * hbarc2, 1e-7, 1);
    }
}

/* Transitions add squares; on electrons the charge is -1. */
static void check_transitions(setting *set)
{
    const double c = 0.0263885, charge = 3e-12, e = 30, t = 2e-3;
    ref_nucleus ar = ref_ar40();
    ref_atom atom = ref_atom_of(18);
    ref_model none = ref_standard_model(), radius, millicharge;
    none.couplings = REF_CHARGE_RADIUS;
    radius = millicharge = none;
    radius.r2_transition[2] = 7;                    /* mu tau */
    millicharge.millicharge_transition[0] = charge; /* e mu */
    double m = ref_mass_MeV(&ar), z = 18 * ref_form_factor(REF_HELM, sqrt(2 * m * t), 3.448, 40);
    double unit = g_fermi * g_fermi * m / M_PI * (1 - m * t / (2 * e * e)) * z * z * hbarc2;
    double sm = ref_xsec_cevns(&none, &ar, REF_NU_MU, e, t);
    double q = M_SQRT2 * M_PI * alpha * charge / (g_fermi * m * t);
    row(set, "charge radius of a transition", ref_xsec_cevns(&radius, &ar, REF_NU_MU, e, t) - sm,
        unit * 49 * c * c, 1e-5, 1);
    row(set, "millicharge of a transition", ref_xsec_cevns(&millicharge, &ar, REF_NU_MU, e, t) - sm,
        unit * q * q, 1e-8, 1);
    double electrons = ref_z_eff(&atom, t) * g_fermi * g_fermi * m_e / (2 * M_PI) * hbarc2 *
                       (1 + pow(1 - t / e, 2) - m_e * t / (e * e));
    sm = ref_xsec_es(&none, &atom, REF_NU_MU, e, t);
    q = M_SQRT2 * M_PI * alpha * charge / (g_fermi * m_e * t);
    row(set, "... charge radius, electrons", ref_xsec_es(&radius, &atom, REF_NU_MU, e, t) - sm,
        electrons * 49 * c * c, 1e-5, 1);
    row(set, "... millicharge, electrons", ref_xsec_es(&millicharge, &atom, REF_NU_MU, e, t) - sm,
        electrons * q * q, 1e-8, 1);
    radius = millicharge = none;
    radius.r2[1] = 7;
    millicharge.millicharge[1] = charge;
    double gv = 2 * s2w - 0.5, ga = -0.5, y = 1 - t / e;
    for (int i = 0; i < 2; i++) {
        double v = gv + (i == 0 ? 7 * c : -q);
        double whole =
            ref_z_eff(&atom, t) * g_fermi * g_fermi * m_e / (2 * M_PI) * hbarc2 *
            (pow(v - ga, 2) + pow((v + ga) * y, 2) - (v * v - ga * ga) * m_e * t / (e * e));
        row(set, i == 0 ? "charge radius, electrons, nubar_mu" : "millicharge, electrons, nubar_mu",
            ref_xsec_es(i == 0 ? &radius : &millicharge, &atom, REF_NUBAR_MU, e, t), whole, 1e-6,
            1);
    }
}

typedef struct dipole_order {
    const ref_model *model;
    const ref_nucleus *nucleus;
    ref_flavour flavour;
    double e;
} dipole_order;

static double inner(double log_t, void *data)
{
    const dipole_order *a = data;
    double t = exp(log_t);
    return t * ref_csi2021_response(8, 12, t) *
           ref_xsec_dipole(a->model, a->nucleus, a->flavour, a->e, t);
}

static double outer(double e, void *data)
{
    dipole_order a = *(dipole_order *)data;
    double range[2], value = 0, error;
    size_t evaluations;
    gsl_function f = {inner, &a};
    gsl_integration_cquad_workspace *work = gsl_integration_cquad_workspace_alloc(200);
    a.e = e;
    ref_dipole_range(a.model, a.nucleus, e, range);
    if (work && range[0] < range[1])
        gsl_integration_cquad(&f, log(GSL_MAX_DBL(range[0], 1e-5)), log(range[1]), 0, 1e-10, work,
                              &value, &error, &evaluations);
    gsl_integration_cquad_workspace_free(work);
    return ref_pion_dar_spectrum(a.flavour, e) * value;
}

static void check_dipole(setting *set)
{
    static const double edges[2] = {8, 12};
    ref_nucleus nuclei[2] = {ref_cs133(), ref_i127()};
    ref_model model = ref_standard_model();
    model.dipole[0] = 3e-9;
    model.m4_MeV = 20;
    double range[2];
    ref_dipole_range(&model, &nuclei[0], 45, range);
    for (int i = 0; i < 2; i++)
        row(set, "dipole portal: E_min at the ends in T",
            ref_dipole_e_min(&model, &nuclei[0], range[i]), 45, 1e-9, 1);
    ref_csi2021 *detector = ref_csi2021_create(edges, 1);
    ref_model sm = ref_standard_model();
    double with, without, sum = 0;
    ref_csi2021_energy_counts(detector, &model, NULL, NULL, REF_NU_E, &with);
    ref_csi2021_energy_counts(detector, &sm, NULL, NULL, REF_NU_E, &without);
    for (int i = 0; i < 2; i++) {
        dipole_order args = {&model, &nuclei[i], REF_NU_E, 0};
        gsl_function f = {outer, &args};
        gsl_integration_workspace *work = gsl_integration_workspace_alloc(500);
        double part, error;
        gsl_integration_qags(&f, 20, ref_michel_end_MeV(), 0, 1e-8, 500, work, &part, &error);
        gsl_integration_workspace_free(work);
        double fluence = 0.0848 * 3.198e23 / (4 * M_PI * 1930 * 1930);
        sum += fluence * 14600 / 259.8099238 * 6.02214076e23 * part;
    }
    row(set, "... counts of PE bin 1, integrals in the other order", with - without, sum, 1e-7, 1);
    ref_csi2021_destroy(detector);
    double dipole[N_BIN], moment[N_BIN];
    model.m4_MeV = 1e-3;
    sm.mu_nu[0] = model.dipole[0];
    ref_csi2021_counts(set->detector, &model, NULL, NULL, dipole);
    ref_csi2021_counts(set->detector, &sm, NULL, NULL, moment);
    row(set, "... events at m4 = 1 keV over magnetic moment", sum_of(dipole, N_BIN),
        sum_of(moment, N_BIN), 1e-9, 1);
}

static void check_sterile(setting *set)
{
    ref_model sterile = ref_sterile(0.1, 0, 2.5);
    double e = 31, sum = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++)
        sum += pow(sin(1.266933 * 2.5 / e * (18.8 + (i + 0.5) / n)), 2) / n;
    row(set, "sterile survival, averaged by steps", ref_survival(&sterile, REF_NU_E, e),
        1 - 4 * 0.1 * 0.9 * sum, 1e-10, 1);
    double k = 2 * 1.266933 * 2.5 / e;
    row(set, "... by the formula of two ends", ref_survival(&sterile, REF_NU_E, e),
        1 - 4 * 0.1 * 0.9 * (0.5 - (sin(k * 19.8) - sin(k * 18.8)) / (2 * k)), 1e-12, 1);
    ref_nucleus cs = ref_cs133();
    double t = 0.004, lo = ref_e_min(&cs, t), step = (ref_michel_end_MeV() - lo) / n;
    sterile.dm2_eV2 = 30;
    sum = 0;
    for (int i = 0; i < n; i++) {
        e = lo + (i + 0.5) * step;
        sum += step * ref_pion_dar_spectrum(REF_NU_E, e) * ref_survival(&sterile, REF_NU_E, e) *
               ref_xsec_cevns(&sterile, &cs, REF_NU_E, e, t);
    }
    row(set, "... folded at 30 eV^2, by steps in E", ref_folded_xsec(&sterile, &cs, REF_NU_E, t),
        sum, 1e-7, 1);
}

static void check_lma(setting *set)
{
    ref_model sm = ref_standard_model();
    double counts[N_BIN], none[N_BIN];
    ref_csi2021_counts(set->detector, &sm, NULL, NULL, none);
    for (int mutau = 0; mutau < 2; mutau++) {
        ref_model lma = ref_lma_dark(0.6, 1e7, 1.051, mutau);
        row(set, "LMA-Dark: eps in the Earth",
            (2 + 1.051) * lma.nsi_u[mutau][mutau] + (1 + 2 * 1.051) * lma.nsi_d[mutau][mutau],
            mutau ? 2 : -2, 1e-14, 1);
        row(set, "... ratio of directions", lma.nsi_u[mutau][mutau] / lma.nsi_d[mutau][mutau],
            (2 * cos(0.6) - sin(0.6)) / (2 * sin(0.6) - cos(0.6)), 1e-14, 1);
        lma.nsi_m_MeV = 1e-3;
        ref_csi2021_counts(set->detector, &lma, NULL, NULL, counts);
        row(set, "... events, mediator of 1 keV, over the SM",
            sum_of(counts, N_BIN) / sum_of(none, N_BIN), 1, 1e-6, 0);
    }
}

static void check_photons(setting *set)
{
    static const double x[3] = {0.1, 3, 1000}, y[3] = {4e-18, 2e-20, 1e-24};
    static const ref_table table = {3, x, y};
    ref_atom atom = ref_atom_of(53);
    ref_model model = ref_standard_model(), none = model;
    atom.photoelectric = &table;
    model.photon_approximation = 1;
    model.millicharge[0] = 1e-10;
    model.millicharge_transition[1] = 2e-10;
    double t = 1e-3, sigma = 4e-18 + (2e-20 - 4e-18) * 0.9 / 2.9;
    double mean_log = log(ref_michel_end_MeV() / 1e-6) - 7.0 / 12; /* 12 x^2 (1 - x) ln x */
    row(set, "equivalent photons, cm^2/MeV",
        ref_folded_es(&model, &atom, REF_NU_E, t) - ref_folded_es(&none, &atom, REF_NU_E, t),
        2 * alpha / M_PI * sigma / t * mean_log * 5e-20, 1e-8, 1);
}

static double es_events(const setting *set, const ref_model *model)
{
    double counts[N_BIN];
    ref_csi2021_es_counts(set->es, model, NULL, NULL, counts);
    return sum_of(counts, N_BIN);
}

static void check_electrons(setting *set)
{
    ref_model models[5];
    ref_model sm = models[0] = ref_standard_model();
    models[1] = ref_zprime("l_e-l_mu", 1e-3, 0.01);
    models[2] = ref_dark_hypercharge(1e-3, 0.3);
    models[3] = models[4] = sm;
    models[3].mu_nu[0] = models[3].mu_nu[1] = 1e-9;
    models[4].millicharge[0] = 1e-10;
    models[4].millicharge_transition[0] = 1e-10;
    models[4].u4_2[0] = 0.1;
    models[4].dm2_eV2 = 2;
    models[4].l_m = 19.3;
    row(set, "SM ES events", es_events(set, &sm), 7.554e-5, 0.01, 1);
    for (int i = 0; i < 5; i++) {
        double counts[REF_CSI2021_N_PE];
        ref_csi2021_es_energy_counts(set->es, &models[i], NULL, NULL, REF_NU_E, counts);
        row(set, "ES, tabulated over adaptive, PE bin 1", counts[1],
            ref_csi2021_es_adaptive_count(&models[i], NULL, NULL, REF_NU_E, 8, 12), 1e-9, 1);
        row(set, "... last PE bin", counts[8],
            ref_csi2021_es_adaptive_count(&models[i], NULL, NULL, REF_NU_E, 50, 60), 1e-9, 1);
    }
}

typedef struct curve {
    const setting *set;
    ref_model model;
    double *x; /* what varies, in model */
    double level;
} curve;

static double chi2_on(double x, void *data)
{
    curve *c = data;
    *c->x = x;
    return chi2_of(c->set, &c->model, NULL, NULL) - c->level;
}

static double first_crossing(setting *set, ref_model model)
{
    curve c = {set, model, NULL, set->chi2_sm + 4};
    gsl_function f = {chi2_on, &c};
    c.x = &c.model.g;
    double g = 3e-6;
    while (g < 1 && chi2_on(1.02 * g, &c) < 0)
        g *= 1.02;
    return root_between(&f, g, 1.02 * g);
}

/* 90 %, chi2 - min over mu^2 >= 0. */
static double moment_limit(setting *set, int l)
{
    curve c = {set, ref_standard_model(), NULL, 0};
    gsl_function f = {chi2_on, &c};
    c.x = &c.model.mu_nu[l];
    double x = 5e-10, best = set->chi2_sm;
    double inside = minimum_between(&f, 0, 3e-9, &x);
    c.level = GSL_MIN_DBL(best, isnan(inside) ? best : inside) + 2.7055;
    return root_between(&f, inside < best ? x : 0, 2e-8);
}

static void check_limits(setting *set)
{
    static const double mass[4] = {0.1, 1, 10, 100};
    static const double universal[4] = {9.3553e-6, 2.2813e-5, 2.34172e-5, 5.51811e-5};
    static const double b_l[4] = {9.5000e-6, 4.6062e-5, 4.80281e-5, 1.00922e-4};
    static const double scalar[3] = {1.67363e-5, 1.70466e-5, 3.39619e-5};
    static const double scalar_mass[3] = {0.1, 10, 100};
    ref_model sm = ref_standard_model();
    set->chi2_sm = chi2_of(set, &sm, NULL, NULL);
    row(set, "chi2 SM with ES", set->chi2_sm, 84.33409, 1e-5, 0);
    for (int i = 0; i < 4; i++) {
        double g = first_crossing(set, ref_universal(0, mass[i]));
        row(set, "universal with ES, g at chi2_SM + 4", g, universal[i], 1e-4, 1);
        row(set, "B-L with ES", first_crossing(set, ref_b_minus_l(0, mass[i])), b_l[i], 1e-4, 1);
    }
    for (int i = 0; i < 3; i++)
        row(set, "scalar with ES, electron charge 0",
            first_crossing(set, ref_scalar(0, scalar_mass[i])), scalar[i], 1e-4, 1);
    row(set, "mu_nu_mu 90 % with ES", moment_limit(set, 1), 1.6209e-9, 1e-3, 1);
    row(set, "mu_nu_e 90 % with ES", moment_limit(set, 0), 4.1023e-9, 1e-3, 1);
    setting nuclei = *set;
    nuclei.es = NULL;
    row(set, "mu_nu_mu 90 % without ES", moment_limit(&nuclei, 1), 1.7514e-9, 1e-3, 1);
    row(set, "mu_nu_e 90 % without ES", moment_limit(&nuclei, 0), 4.4111e-9, 1e-3, 1);
    for (int i = 2; i < 4; i++) {
        ref_model model = ref_universal(0, mass[i]);
        row(set, "universal, with over without ES", first_crossing(set, model),
            first_crossing(&nuclei, model), 3e-6, 1);
        model = ref_b_minus_l(0, mass[i]);
        row(set, "B-L, with over without ES", first_crossing(set, model),
            first_crossing(&nuclei, model), 4e-6, 1);
    }
}

int main(int argc, char **argv)
{
    setting set;
    if (open_setting(&set, argc, argv, 1))
        return 2;
    head();
    check_charge_radius(&set);
    check_dark_z(&set);
    check_nsi(&set);
    check_lines(&set);
    check_axial(&set);
    check_flips(&set);
    check_transitions(&set);
    check_dipole(&set);
    check_sterile(&set);
    check_lma(&set);
    check_photons(&set);
    check_electrons(&set);
    check_limits(&set);
    return close_setting(&set);
}
