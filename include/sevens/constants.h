/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Physical constants, each with its unit and source. docs/physics.md section 1.
 * Internal units: MeV and natural units (hbar = c = 1) unless a name says otherwise. */
#ifndef SEVENS_CONSTANTS_H
#define SEVENS_CONSTANTS_H

#define SEVENS_PI 3.14159265358979323846
#define SEVENS_SQRT2 1.41421356237309504880

#define SEVENS_G_FERMI 1.1663788e-11          /* [MeV^-2] PDG 2022 */
#define SEVENS_ALPHA_EM 7.2973525693e-3       /* [1] at q = 0, CODATA 2018 */
#define SEVENS_HBARC_MEV_FM 197.3269804       /* [MeV fm] CODATA 2018 */
#define SEVENS_HBARC2_MEV2_CM2 3.89379372e-22 /* [MeV^2 cm^2] PDG 2022 */
#define SEVENS_ATOMIC_MASS_MEV 931.49410242   /* [MeV] CODATA 2018 */
#define SEVENS_AVOGADRO 6.02214076e23         /* [1/mol] SI */

#define SEVENS_M_ELECTRON 0.51099895000 /* [MeV] CODATA 2018 */
#define SEVENS_M_MUON 105.6583755       /* [MeV] CODATA 2018 */
#define SEVENS_M_TAU 1776.86            /* [MeV] PDG 2022 */
#define SEVENS_M_W 80377.0              /* [MeV] PDG 2022 */
#define SEVENS_M_Z 91187.6              /* [MeV] PDG 2022 */
#define SEVENS_M_PION 139.57039         /* [MeV] charged pion, PDG 2022 */

#define SEVENS_S2W 0.23857 /* [1] sin^2 of the weak mixing angle at low energy, PDG 2022 */

/* Nucleon vector couplings with radiative corrections; 1303.5522, values of 2205.09484. The proton
 * coupling of nu_tau follows from the charged-lepton logarithm, docs/physics.md eq. 4. */
#define SEVENS_GVP_E 0.0382
#define SEVENS_GVP_MU 0.0300
#define SEVENS_GVP_TAU 0.0256
#define SEVENS_GVN -0.5117
#define SEVENS_GVP_0 0.0186 /* without the flavour-dependent term, the neutrino's charge radius */

#endif
