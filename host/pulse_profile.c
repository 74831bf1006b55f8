/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With the Gaussian pulse (mean m, width s) convolved with an exponential decay,
 *     G(t; tau) = exp(s^2/(2 tau^2) - (t - m)/tau) erfc(z)/(2 tau),
 *     z = (s/tau - (t - m)/s)/sqrt(2),
 * the part that has decayed until t is Phi((t - m)/s) - tau G(t; tau). Two decays in a row give
 * (tau_mu G(t; tau_mu) - tau_pi G(t; tau_pi))/(tau_mu - tau_pi). */
#include "pulse_profile.h"

#include <gsl/gsl_sf_erf.h>
#include <math.h>

/* Mean lives: PDG. */
#define PION_LIFE_US 0.026033
#define MUON_LIFE_US 2.1969811

static double pulse_and_decay(const sevens_pulse *p, double t, double life)
{
    const double s = p->width_us, x = (t - p->mean_us) / s;
    const double z = (s / life - x) / sqrt(2.0);
    if (z > 0.0) /* exp(z^2) erfc(z) stays small where the exponential of G does not */
        return exp(z * z + gsl_sf_log_erfc(z) - 0.5 * x * x) / (2.0 * life);
    return exp(0.5 * s * s / (life * life) - (t - p->mean_us) / life) * erfc(z) / (2.0 * life);
}

static double decayed(const sevens_pulse *p, double t, double life)
{
    const double pulse = 0.5 * erfc(-(t - p->mean_us) / (p->width_us * sqrt(2.0)));
    return pulse - life * pulse_and_decay(p, t, life);
}

double sevens_pulse_prompt(const sevens_pulse *pulse, double t_us)
{
    return decayed(pulse, t_us, PION_LIFE_US);
}

double sevens_pulse_delayed(const sevens_pulse *pulse, double t_us)
{
    return (MUON_LIFE_US * decayed(pulse, t_us, MUON_LIFE_US) -
            PION_LIFE_US * decayed(pulse, t_us, PION_LIFE_US)) /
           (MUON_LIFE_US - PION_LIFE_US);
}
