/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of a kernel to the cases of test_joint_support.h against those of the reference. */
#ifndef SEVENS_TEST_JOINT_COMPARE_H
#define SEVENS_TEST_JOINT_COMPARE_H

#include "test_joint_support.h"

#define JOINT_CHI2 1e-6 /* what chi2, the whole and of parts, may be off by */

/* Point p; returns the difference of chi2. Nuisances without a pull are left out: nothing may
 * depend on them, as on the slope of a tail of height 0. */
static inline double joint_compare_point(const row_case *c, const row_answer *a,
                                         const row_answer *reference, size_t p)
{
    const sevens_likelihood *l = &c->likelihood;
    double chi2 = a->results.chi2[p], expected = reference->results.chi2[p];

    ck_assert_msg(a->results.status[p] == reference->results.status[p],
                  "point %zu: status %d, not %d (chi2 %.17g, not %.17g)", p, a->results.status[p],
                  reference->results.status[p], chi2, expected);
    if (reference->results.status[p] != SEVENS_POINT_OK)
        return 0.0;
    ck_assert_msg(fabs(chi2 - expected) <= JOINT_CHI2, "point %zu: chi2 %.17g, not %.17g", p, chi2,
                  expected);
    for (size_t i = 0; i < l->n_part; i++)
        ck_close(a->results.part_chi2[i * a->n_point + p],
                 reference->results.part_chi2[i * a->n_point + p], JOINT_CHI2, 0.0);
    for (size_t k = 0; k < l->n_nuisance; k++) {
        if (isfinite(l->nuisance[k].sigma))
            ck_close(a->results.nuisance[k * a->n_point + p],
                     reference->results.nuisance[k * a->n_point + p], 2e-4, 2e-4);
    }
    return fabs(chi2 - expected);
}

/* All points; returns the largest difference of chi2. At least half of them have an answer. */
static inline double joint_compare(const row_case *c, const row_answer *a,
                                   const row_answer *reference)
{
    double worst = 0.0;
    size_t n_ok = 0;

    for (size_t p = 0; p < a->n_point; p++) {
        n_ok += reference->results.status[p] == SEVENS_POINT_OK;
        worst = fmax(worst, joint_compare_point(c, a, reference, p));
    }
    ck_assert_uint_ge(2 * n_ok, a->n_point);
    return worst;
}

#endif
