/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table of nuclei. docs/physics.md section 1: masses AME 2020, natural abundances IUPAC, charge
 * radii R_ch of Angeli and Marinova 2013 turned into point-proton radii (2005.01645), neutron radii
 * of the shell model (2007.08529) for Cs, I and Ar and R_n = R_p for Ge. A radius of 0 means:
 * Lewin-Smith. */
#include "sevens/nucleus.h"
#include "sevens/constants.h"
#include "sevens/text.h"
#include <math.h>
#include <string.h>

static const sevens_nucleus nuclei[] = {
    {"Cs133", 55, 78, 132.905451958, 1.0, 4.821, 5.09, "Cs", 1, 0},
    {"I127", 53, 74, 126.9044719, 1.0, 4.766, 5.03, "I", 1, 0},
    {"Ar40", 18, 22, 39.9623831220, 1.0, 3.448, 3.55, "Ar", 0, 0},
    {"Ge70", 32, 38, 69.92424854, 0.2052, 4.0584, 4.0584, "Ge", 0, 0},
    {"Ge72", 32, 40, 71.92207583, 0.2745, 4.0755, 4.0755, "Ge", 0, 0},
    {"Ge73", 32, 41, 72.92345896, 0.0776, 4.0815, 4.0815, "Ge", 0, 1},
    {"Ge74", 32, 42, 73.921177761, 0.3652, 4.0929, 4.0929, "Ge", 0, 0},
    {"Ge76", 32, 44, 75.921402725, 0.0775, 4.1006, 4.1006, "Ge", 0, 0},
    {"Na23", 11, 12, 22.9897692820, 1.0, 0.0, 0.0, "Na", 1, 0},
    {"Si28", 14, 14, 27.9769265346, 0.92223, 0.0, 0.0, "Si", 0, 0},
    {"Si29", 14, 15, 28.9764946649, 0.04685, 0.0, 0.0, "Si", 0, 1},
    {"Si30", 14, 16, 29.973770136, 0.03092, 0.0, 0.0, "Si", 0, 0},
    {"Xe124", 54, 70, 123.9058920, 0.000952, 0.0, 0.0, "Xe", 0, 0},
    {"Xe126", 54, 72, 125.904298, 0.000890, 0.0, 0.0, "Xe", 0, 0},
    {"Xe128", 54, 74, 127.903531, 0.019102, 0.0, 0.0, "Xe", 0, 0},
    {"Xe129", 54, 75, 128.904780861, 0.264006, 0.0, 0.0, "Xe", 0, 1},
    {"Xe130", 54, 76, 129.903509347, 0.040710, 0.0, 0.0, "Xe", 0, 0},
    {"Xe131", 54, 77, 130.90508406, 0.212324, 0.0, 0.0, "Xe", 0, 1},
    {"Xe132", 54, 78, 131.904155083, 0.269086, 0.0, 0.0, "Xe", 0, 0},
    {"Xe134", 54, 80, 133.90539466, 0.104357, 0.0, 0.0, "Xe", 0, 0},
    {"Xe136", 54, 82, 135.907214484, 0.088573, 0.0, 0.0, "Xe", 0, 0},
    {"O16", 8, 8, 15.99491461926, 0.99757, 0.0, 0.0, "O", 0, 0},
    {"Ca40", 20, 20, 39.962590851, 0.96941, 0.0, 0.0, "Ca", 0, 0},
    {"W182", 74, 108, 181.948205636, 0.2650, 0.0, 0.0, "W", 0, 0},
    {"W183", 74, 109, 182.950224416, 0.1431, 0.0, 0.0, "W", 0, 1},
    {"W184", 74, 110, 183.950933180, 0.3064, 0.0, 0.0, "W", 0, 0},
    {"W186", 74, 112, 185.954365140, 0.2843, 0.0, 0.0, "W", 0, 0},
};

#define N_NUCLEI (sizeof nuclei / sizeof nuclei[0])

const sevens_nucleus *sevens_nucleus_find(const char *name)
{
    for (size_t i = 0; i < N_NUCLEI; i++) {
        if (strcmp(nuclei[i].name, name) == 0)
            return &nuclei[i];
    }
    return NULL;
}

const char *sevens_nucleus_suggest(const char *name, char buffer[SEVENS_SUGGESTION])
{
    const char *names[N_NUCLEI];

    for (size_t i = 0; i < N_NUCLEI; i++)
        names[i] = nuclei[i].name;
    return sevens_suggest(buffer, name, names, N_NUCLEI);
}

const sevens_nucleus *sevens_nucleus_at(size_t index)
{
    return index < N_NUCLEI ? &nuclei[index] : NULL;
}

double sevens_nucleus_mass_MeV(const sevens_nucleus *nucleus)
{
    return nucleus->atomic_mass_u * SEVENS_ATOMIC_MASS_MEV - nucleus->Z * SEVENS_M_ELECTRON;
}

double sevens_nucleus_radius_lewin_smith_fm(int A)
{
    const double s = 0.9;
    double pi_a = SEVENS_PI * 0.52;
    double c = 1.23 * cbrt((double)A) - 0.60;
    double R0_squared = c * c + 7.0 / 3.0 * pi_a * pi_a - 5.0 * s * s;

    return sqrt(3.0 / 5.0 * R0_squared + 3.0 * s * s);
}
