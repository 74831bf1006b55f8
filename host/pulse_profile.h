/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrival times of neutrinos from pions and muons that decay at rest behind a Gaussian beam pulse.
 * Private to the host code. */
#ifndef SEVENS_HOST_PULSE_PROFILE_H
#define SEVENS_HOST_PULSE_PROFILE_H

typedef struct sevens_pulse {
    double mean_us, width_us; /* of the protons */
} sevens_pulse;

/* Part of the neutrinos that have arrived at time t: those of pions (nu_mu), and those of muons
 * (nu_e, nubar_mu), which are born in the decays of the pions. */
double sevens_pulse_prompt(const sevens_pulse *pulse, double t_us);
double sevens_pulse_delayed(const sevens_pulse *pulse, double t_us);

#endif
