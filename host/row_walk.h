/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a CPU walks along a row: each lane along its own piece of a segment, every point from the
 * norms of the two before it. No include guard: included by host/row_kernel.c after
 * sevens/hd/row_profile.h, once per lane type, with its macros and ROW_LANES. */

#define ROW_PROFILE SEVENS_ROW(profile)
#define ROW_PROFILE_FROM SEVENS_ROW(profile_from)
#define ROW_PROFILE_GUESS SEVENS_ROW(profile_guess)
#define ROW_WALK_SEGMENT SEVENS_ROW(walk_segment)

typedef struct SEVENS_ROW(walk) {
    ROW_REAL s[SEVENS_ROW_MAX_NORMS], g[SEVENS_ROW_MAX_NORMS], d[SEVENS_ROW_MAX_NORMS];
    ROW_REAL is_free[SEVENS_ROW_MAX_NORMS];
    ROW_REAL H[SEVENS_ROW_MAX_NORMS * (SEVENS_ROW_MAX_NORMS + 1) / 2];
    ROW_REAL last[SEVENS_ROW_MAX_NORMS],
        before[SEVENS_ROW_MAX_NORMS]; /* norms one, two points ago */
    SEVENS_ROW(result) result;
} SEVENS_ROW(walk);

/* Guesses the norms of point j: the signal's geometrically, since it falls with a power of x, the
 * others linearly; no change by more than a factor of two. */
SEVENS_HD void SEVENS_ROW(guess)(const int K, size_t j, SEVENS_ROW(walk) * w)
{
    for (int k = 0; k < K; k++) {
        ROW_REAL last = w->last[k], zero = last - last, ratio;

        if (j < 2) {
            w->s[k] = last;
            continue;
        }
        ratio = k == 0 ? last * ROW_INVERSE(w->before[k]) : 2.0f - w->before[k] * ROW_INVERSE(last);
        ratio = ROW_SELECT(ratio < zero + 2.0f, ratio, zero + 2.0f);
        ratio = ROW_SELECT(ratio > zero + 0.5f, ratio, zero + 0.5f);
        w->s[k] = ROW_SELECT(last > zero, last * ratio, zero);
    }
}

/* Profiles one vector of points; a lane that its guess led astray starts again cold. */
SEVENS_HD void SEVENS_ROW(profile_guess)(const int K, const sevens_row_constants *c,
                                         const ROW_SCALAR *bins, const ROW_SCALAR *row,
                                         const double *total, ROW_WIDE x, size_t j,
                                         SEVENS_ROW(walk) * w)
{
    SEVENS_ROW(result) warm;
    ROW_REAL warm_s[SEVENS_ROW_MAX_NORMS];

    SEVENS_ROW(guess)(K, j, w);
    ROW_PROFILE_FROM(K, c, bins, row, total, x, w->s, w->g, w->H, w->d, w->is_free, &w->result);
    if (!ROW_ANY(ROW_NOT(w->result.converged)))
        return;
    warm = w->result;
    memcpy(warm_s, w->s, sizeof warm_s);
    ROW_PROFILE(K, c, bins, row, total, x, w->s, w->g, w->H, w->d, w->is_free, &w->result);
    for (int k = 0; k < K; k++)
        w->s[k] = ROW_SELECT(warm.converged, warm_s[k], w->s[k]);
    for (int i = 0; i < ROW_LANES; i++)
        w->result.chi2[i] = warm.converged[i] ? warm.chi2[i] : w->result.chi2[i];
    w->result.converged |= warm.converged;
    w->result.passes += warm.passes;
}

/* Points first .. first + n - 1 of the task; K as a constant keeps the sums in registers. */
SEVENS_HD void SEVENS_ROW(walk_segment)(const int K, sevens_row_task *task,
                                        const sevens_row_constants *c, const ROW_SCALAR *bins,
                                        const ROW_SCALAR *row, size_t first, size_t n)
{
    const size_t stride = (n + ROW_LANES - 1) / ROW_LANES;
    SEVENS_ROW(walk) w;

    for (size_t j = 0; j < stride; j++) {
        ROW_WIDE x = {0};

        for (size_t i = 0; i < ROW_LANES; i++)
            x[i] = task->x[first + (i * stride + j < n ? i * stride + j : n - 1)];
        if (j == 0)
            ROW_PROFILE(K, c, bins, row, task->total, x, w.s, w.g, w.H, w.d, w.is_free, &w.result);
        else
            ROW_PROFILE_GUESS(K, c, bins, row, task->total, x, j, &w);
        for (int k = 0; k < K; k++) {
            w.before[k] = j == 0 ? w.s[k] : w.last[k];
            w.last[k] = w.s[k];
        }
        for (size_t i = 0; i < ROW_LANES && i * stride + j < n; i++) {
            size_t p = first + i * stride + j;

            task->chi2[p] = w.result.chi2[i];
            task->status[p] = point_status(w.result.chi2[i], w.result.converged[i] != 0);
            task->passes += (uint64_t)w.result.passes;
            for (int k = 0; k < K && task->norm; k++)
                task->norm[(size_t)k * task->norm_stride + p] = (float)w.s[k][i];
        }
    }
}

static void SEVENS_ROW(run)(sevens_row_task *task, const sevens_row_constants *c,
                            const ROW_SCALAR *bins, const ROW_SCALAR *row)
{
    const int K = c->n_norm;

    for (size_t first = 0; first < task->n_x; first += SEVENS_ROW_SEGMENT) {
        size_t left = task->n_x - first;
        size_t n = left < SEVENS_ROW_SEGMENT ? left : SEVENS_ROW_SEGMENT;

        if (K == 4)
            ROW_WALK_SEGMENT(4, task, c, bins, row, first, n);
        else
            ROW_WALK_SEGMENT(K, task, c, bins, row, first, n);
    }
}

#undef ROW_PROFILE
#undef ROW_PROFILE_FROM
#undef ROW_PROFILE_GUESS
#undef ROW_WALK_SEGMENT
