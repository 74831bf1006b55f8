/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a CPU walks over the points of a chain of rows. A place is ROW_VECTORS vectors of points;
 * each lane of it follows its own piece of a row's segment. The norms of a point are guessed from
 * those at the same place of the three rows before it, in the first row from the three points
 * before it, and one Newton pass is then mostly all. The factors of the curvature serve several
 * rows. No include guard: included by host/row_kernel.c after sevens/hd/row_pass.h, once per lane
 * type, with its macros and ROW_FRESH_DECREMENT ROW_STALE_DECREMENT     lambda^2 below which a pass
 * ends a fit, with factors of this very point and with those of a neighbour
 */

#define ROW_PROFILE SEVENS_ROW(profile)
#define ROW_PROFILE_FROM SEVENS_ROW(profile_from)
#define ROW_GUESS SEVENS_ROW(guess)
#define ROW_REFRESH 16   /* rows that share factors of the curvature */
#define ROW_MAX_TRIES 12 /* passes before a vector of points is left to row_profile.h */

#define ROW_WIDTH ((size_t)ROW_VECTORS * ROW_LANES) /* lanes of a place */

/* The place at hand. */
typedef struct SEVENS_ROW(place) {
    const sevens_row_constants *c;
    const sevens_row_groups *groups;
    const ROW_SCALAR *bins, *row;
    const double *total;
    SEVENS_ROW(split) * Q; /* work space */
    ROW_PART x[ROW_VECTORS][ROW_PARTS], chi2[ROW_VECTORS][ROW_PARTS];
    ROW_MASK converged[ROW_VECTORS];
    int passes;
} SEVENS_ROW(place);

/* What a place remembers from row to row: norms [3][K] of the last three rows and factors of the
 * curvature [K (K + 1)/2], each [ROW_VECTORS]. */
#define ROW_TRACK(K) (3 * (K) + (K) * ((K) + 1) / 2)

/* Continues three points to the next: quadratic, the signal's norm in its logarithm, since it falls
 * with a power of x; no change by more than a factor of two. Of n < 3 points, of lower order. */
SEVENS_HD void SEVENS_ROW(guess)(const int K, const int w, size_t n,
                                 const ROW_REAL (*one)[ROW_VECTORS],
                                 const ROW_REAL (*two)[ROW_VECTORS],
                                 const ROW_REAL (*three)[ROW_VECTORS], ROW_REAL (*s)[ROW_VECTORS])
{
    for (int k = 0; k < K; k++) {
        ROW_REAL last = one[k][w], zero = last - last, ratio, before;

        if (n < 2) {
            s[k][w] = last;
            continue;
        }
        ratio = k == 0 ? last * ROW_INVERSE(two[k][w]) : 2.0f - two[k][w] * ROW_INVERSE(last);
        if (n > 2 && k == 0) {
            before = two[k][w] * ROW_INVERSE(three[k][w]);
            ratio = ratio * ratio * ROW_INVERSE(before);
        } else if (n > 2) {
            ratio = 3.0f - (3.0f * two[k][w] - three[k][w]) * ROW_INVERSE(last);
        }
        ratio = ROW_SELECT(ratio < zero + 2.0f, ratio, zero + 2.0f);
        ratio = ROW_SELECT(ratio > zero + 0.5f, ratio, zero + 0.5f);
        s[k][w] = ROW_SELECT(last > zero, last * ratio, zero);
    }
}

/* The robust fit of vector w, for the few places that need it: from the norms s, or cold. A lane
 * that its guess led astray starts again cold. */
static __attribute__((noinline)) void SEVENS_ROW(fit_slowly)(SEVENS_ROW(place) * p, int w,
                                                             bool cold, ROW_REAL (*s)[ROW_VECTORS])
{
    const int K = p->c->n_norm;
    ROW_REAL g[SEVENS_ROW_MAX_NORMS], d[SEVENS_ROW_MAX_NORMS], is_free[SEVENS_ROW_MAX_NORMS];
    ROW_REAL H[SEVENS_ROW_MAX_NORMS * (SEVENS_ROW_MAX_NORMS + 1) / 2];
    ROW_REAL warm_s[SEVENS_ROW_MAX_NORMS], cold_s[SEVENS_ROW_MAX_NORMS];
    SEVENS_ROW(result) warm = {.passes = 0}, result = {.passes = 0};
    double chi2[ROW_LANES];
    ROW_WIDE x;

    memcpy(&x, p->x[w], sizeof x);
    warm.converged = ROW_NONE(ROW_NARROW(x));
    for (int k = 0; k < K; k++)
        warm_s[k] = s[k][w];
    if (!cold)
        ROW_PROFILE_FROM(K, p->c, p->bins, p->row, p->total, x, warm_s, g, H, d, is_free, &warm);
    result = warm;
    memcpy(cold_s, warm_s, sizeof cold_s);
    if (ROW_ANY(ROW_NOT(warm.converged)))
        ROW_PROFILE(K, p->c, p->bins, p->row, p->total, x, cold_s, g, H, d, is_free, &result);
    for (int k = 0; k < K; k++)
        s[k][w] = ROW_SELECT(warm.converged, warm_s[k], cold_s[k]);
    for (int i = 0; i < ROW_LANES; i++)
        chi2[i] = warm.converged[i] ? warm.chi2[i] : result.chi2[i];
    memcpy(p->chi2[w], chi2, sizeof chi2);
    p->converged[w] = ROW_OR(warm.converged, result.converged);
    p->passes += result.passes;
}

/* u - d, or the damped step that stays inside the domain where d is long. Returns the lanes inside:
 * all norms above 0. */
SEVENS_HD ROW_MASK SEVENS_ROW(move)(const int K, const int w, ROW_REAL lambda2, const ROW_REAL *d,
                                    ROW_REAL (*u)[ROW_VECTORS])
{
    ROW_REAL zero = lambda2 - lambda2, t = zero + 1.0f;
    ROW_MASK is_short = lambda2 < zero + 0.0625f, inside = lambda2 < zero + 1e6f;

    if (ROW_ANY(ROW_NOT(is_short)))
        t = ROW_SELECT(is_short, t, 1.0f / (1.0f + ROW_SQRT(lambda2)));
    for (int k = 0; k < K; k++) {
        u[k][w] -= t * d[k];
        inside = ROW_AND(inside, u[k][w] > zero);
    }
    return inside;
}

/* One Newton step from u with the factors of a neighbour or, where `fresh`, of this place, which
 * are left behind then. Says whether the step stayed `inside` in all lanes, and was small in all.
 */
SEVENS_HD bool SEVENS_ROW(newton_step)(const int K, SEVENS_ROW(place) * p,
                                       const SEVENS_ROW(scaled) * S, bool fresh,
                                       ROW_REAL (*factors)[ROW_VECTORS], ROW_REAL (*u)[ROW_VECTORS],
                                       bool *inside)
{
    ROW_SCALAR most =
        (fresh ? ROW_FRESH_DECREMENT : ROW_STALE_DECREMENT) * (ROW_SCALAR)p->c->caution;
    SEVENS_ROW(slopes) at;
    bool small = true;

    if (fresh)
        SEVENS_ROW(pass)(K, 1, p->c, p->groups, S, p->bins, p->row, u, p->Q, &at);
    else
        SEVENS_ROW(pass)(K, 0, p->c, p->groups, S, p->bins, p->row, u, p->Q, &at);
    *inside = true;
    for (int w = 0; w < ROW_VECTORS; w++) {
        ROW_REAL d[SEVENS_ROW_MAX_NORMS], lambda2;

        if (fresh) {
            SEVENS_ROW(factorise)(K, w, p->c, at.H);
            for (int i = 0; i < K * (K + 1) / 2; i++)
                factors[i][w] = at.H[i][w];
        }
        lambda2 = SEVENS_ROW(newton)(K, w, p->c, factors, at.g, d);
        p->converged[w] = SEVENS_ROW(move)(K, w, lambda2, d, u);
        for (int h = 0; h < ROW_PARTS; h++)
            p->chi2[w][h] = at.chi2[w][h] - ROW_WIDEN_PART(lambda2, h);
        *inside &= !ROW_ANY(ROW_NOT(p->converged[w]));
        small &= !ROW_ANY(ROW_NOT(lambda2 < lambda2 - lambda2 + most));
    }
    p->passes++;
    return small;
}

/* Fits from the norms s, with the factors of a neighbour or of this place (`fresh`), or from a
 * `cold` start. False, with s as it was, where a lane reaches a bound or does not settle. */
SEVENS_HD bool SEVENS_ROW(fit_quickly)(const int K, SEVENS_ROW(place) * p, bool cold, bool fresh,
                                       ROW_REAL (*factors)[ROW_VECTORS], ROW_REAL (*s)[ROW_VECTORS])
{
    SEVENS_ROW(scaled) S[ROW_VECTORS];
    ROW_REAL u[SEVENS_ROW_MAX_NORMS][ROW_VECTORS];
    bool inside = true, small = false;
    ROW_WIDE total;

    for (int w = 0; w < ROW_VECTORS; w++) {
        inside &= !ROW_ANY(ROW_NOT(SEVENS_ROW(scale)(p->c, p->total, p->x[w], &S[w])));
        for (int k = 0; k < K; k++)
            u[k][w] = cold ? S[w].size - S[w].size + 1.0f : k == 0 ? s[k][w] * S[w].size : s[k][w];
        if (cold) {
            memcpy(&total, S[w].total, sizeof total);
            u[0][w] = SEVENS_ROW(start)(p->c, total, ROW_WIDEN(S[w].size));
        }
    }
    for (int t = 0; t < ROW_MAX_TRIES && inside && !small; t++)
        small = SEVENS_ROW(newton_step)(K, p, S, fresh || t > 0, factors, u, &inside);
    if (!inside || !small)
        return false;
    for (int w = 0; w < ROW_VECTORS; w++) {
        for (int k = 0; k < K; k++)
            s[k][w] = k == 0 ? u[k][w] * S[w].a[0] : u[k][w];
    }
    return true;
}

/* Results of a place whose first lane is point `first`; n points are left from there on. */
static void SEVENS_ROW(keep)(sevens_row_task *task, const SEVENS_ROW(place) * p, size_t first,
                             size_t stride, size_t n, const int K, const ROW_REAL (*s)[ROW_VECTORS])
{
    double chi2[ROW_WIDTH];

    memcpy(chi2, p->chi2, sizeof chi2);
    for (size_t i = 0; i < ROW_WIDTH && i * stride < n; i++) {
        const size_t at = first + i * stride, w = i / ROW_LANES, lane = i % ROW_LANES;

        task->passes += (uint64_t)p->passes;
        task->chi2[at] = chi2[i];
        task->status[at] = point_status(chi2[i], p->converged[w][lane] != 0);
        for (int k = 0; k < K && task->norm; k++)
            task->norm[(size_t)k * task->norm_stride + at] = (float)s[k][w][lane];
    }
}

/* Where place j of row r finds the norms of `back` neighbours before: in the rows before it, in the
 * first row in the places before it. */
SEVENS_HD const ROW_REAL (*SEVENS_ROW(neighbour)(const int K, const ROW_REAL (*tracks)[ROW_VECTORS],
                                                 size_t r, size_t j, size_t back))[ROW_VECTORS]
{
    if (r == 0)
        return tracks + (j >= back ? j - back : 0) * (size_t)ROW_TRACK(K);
    return tracks + j * (size_t)ROW_TRACK(K) + (r + 3 - back) % 3 * (size_t)K;
}

/* Place j of row r: results in p, norms in the track. */
SEVENS_HD void SEVENS_ROW(fit)(const int K, sevens_row_task *task, SEVENS_ROW(place) * p, size_t r,
                               size_t j, ROW_REAL (*s)[ROW_VECTORS])
{
    ROW_REAL(*tracks)[ROW_VECTORS] = task->tracks;
    ROW_REAL(*track)[ROW_VECTORS] = tracks + j * (size_t)ROW_TRACK(K);
    const size_t n_before = r == 0 ? j : r;
    const bool fresh = r % ROW_REFRESH == 0 || !task->has_factors[j];
    bool quick;

    p->passes = 0;
    for (int w = 0; w < ROW_VECTORS && n_before > 0; w++)
        ROW_GUESS(K, w, n_before, SEVENS_ROW(neighbour)(K, tracks, r, j, 1),
                  SEVENS_ROW(neighbour)(K, tracks, r, j, 2),
                  SEVENS_ROW(neighbour)(K, tracks, r, j, 3), s);
    quick = SEVENS_ROW(fit_quickly)(K, p, n_before == 0, fresh, track + 3 * (size_t)K, s);
    for (int w = 0; w < ROW_VECTORS && !quick; w++)
        SEVENS_ROW(fit_slowly)(p, w, n_before == 0, s);
    task->has_factors[j] = quick;
    for (int k = 0; k < K; k++) {
        for (int w = 0; w < ROW_VECTORS; w++)
            track[r % 3 * (size_t)K + (size_t)k][w] = s[k][w];
    }
}

/* Points first .. first + n - 1 of all rows of the task; K as a constant keeps the sums in
 * registers. */
SEVENS_HD void SEVENS_ROW(walk)(const int K, sevens_row_task *task, const sevens_row_constants *c,
                                const ROW_SCALAR *bins, const ROW_SCALAR *rows, size_t first,
                                size_t n)
{
    const size_t stride = (n + ROW_WIDTH - 1) / ROW_WIDTH;
    ROW_REAL s[SEVENS_ROW_MAX_NORMS][ROW_VECTORS];

    for (size_t r = 0; r < task->n_row; r++) {
        const double *x = task->x + r * task->x_stride + first;
        SEVENS_ROW(place)
        p = {.c = c,
             .groups = &task->pack->groups,
             .bins = bins,
             .row = rows + 3 * (size_t)c->n_count * r,
             .total = task->total + 3 * r,
             .Q = task->products};

        for (size_t j = 0; j < stride; j++) {
            double at[ROW_WIDTH];

            for (size_t i = 0; i < ROW_WIDTH; i++)
                at[i] = x[i * stride + j < n ? i * stride + j : n - 1] * task->inverse_unit[r];
            memcpy(p.x, at, sizeof at);
            SEVENS_ROW(fit)(K, task, &p, r, j, s);
            SEVENS_ROW(keep)(task, &p, r * task->n_x + first + j, stride, n - j, K, s);
        }
    }
}

static void SEVENS_ROW(run)(sevens_row_task *task, const sevens_row_constants *c,
                            const ROW_SCALAR *bins, const ROW_SCALAR *rows)
{
    for (size_t first = 0; first < task->n_x; first += SEVENS_ROW_SEGMENT) {
        size_t left = task->n_x - first;
        size_t n = left < SEVENS_ROW_SEGMENT ? left : SEVENS_ROW_SEGMENT;

        switch (c->n_norm) {
        case 1:
            SEVENS_ROW(walk)(1, task, c, bins, rows, first, n);
            break;
        case 2:
            SEVENS_ROW(walk)(2, task, c, bins, rows, first, n);
            break;
        case 3:
            SEVENS_ROW(walk)(3, task, c, bins, rows, first, n);
            break;
        case 4:
            SEVENS_ROW(walk)(4, task, c, bins, rows, first, n);
            break;
        case 5:
            SEVENS_ROW(walk)(5, task, c, bins, rows, first, n);
            break;
        default:
            SEVENS_ROW(walk)(c->n_norm, task, c, bins, rows, first, n);
        }
    }
}

#undef ROW_PROFILE
#undef ROW_PROFILE_FROM
#undef ROW_GUESS
#undef ROW_REFRESH
#undef ROW_MAX_TRIES
#undef ROW_TRACK
#undef ROW_WIDTH
