/* The dmlab body once more, in C: what a compiler makes of the same formulas without Python and Numba in the way.
 *
 * states float [n][6] x, y, yaw, vx, vy, yaw rate; solid uint8 [n][width][height] with a ring of wall; commands float
 * [n][3] move ahead, strafe left, yaw radians a frame (full deflection or none); constants float [7] as in
 * mazenav.sim.kernels.CONSTANTS. No goals: nobody stops. Speeds must be those that the body can reach.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define DT 0.016f
#define LANES 128

static float slide(const uint8_t *solid, int stride, int stride_across, float along, float across, float *speed,
                   float half, float clearance) {
    float moved = along + *speed * DT;
    int low = (int)(across - half + 1), high = (int)(across + half + 1);
    if (*speed > 0) {
        int edge = (int)(moved + half + 1);
        if (solid[edge * stride + low * stride_across] || solid[edge * stride + high * stride_across]) {
            *speed = 0;
            return (float)(edge - 1) - half - clearance;
        }
    } else if (*speed < 0) {
        int edge = (int)(moved - half + 1);
        if (solid[edge * stride + low * stride_across] || solid[edge * stride + high * stride_across]) {
            *speed = 0;
            return (float)edge + half + clearance;
        }
    }
    return moved;
}

/* One agent after another, as anybody would write it. */
void frames_scalar(float *states, const uint8_t *solid, int width, int height, const float *commands, int n, int frames,
                   const float *k) {
    float half = k[0], top = k[1], friction = k[3], stop = k[4], rest = k[5], clearance = k[6];
    float gain = k[2] * DT * top;
    for (int agent = 0; agent < n; agent++) {
        float *s = states + 6 * agent;
        const float *c = commands + 3 * agent;
        const uint8_t *map = solid + (size_t)agent * width * height;
        float x = s[0], y = s[1], yaw = s[2], vx = s[3], vy = s[4], wish_x = 0, wish_y = 0;
        float length = sqrtf(c[0] * c[0] + c[1] * c[1]);
        for (int frame = 0; frame < frames; frame++) {
            yaw += c[2];
            if (length > 0 && (frame == 0 || c[2] != 0)) {
                wish_x = (cosf(yaw) * c[0] - sinf(yaw) * c[1]) / length;
                wish_y = (sinf(yaw) * c[0] + cosf(yaw) * c[1]) / length;
            }
            float speed = sqrtf(vx * vx + vy * vy), scale = 0;
            if (speed >= rest) scale = fmaxf(speed - fmaxf(speed, stop) * friction * DT, 0) / speed;
            vx *= scale;
            vy *= scale;
            if (length > 0) {
                float missing = top - (vx * wish_x + vy * wish_y);
                float added = missing < gain ? missing : gain;
                if (added > 0) {
                    vx += added * wish_x;
                    vy += added * wish_y;
                }
            }
            x = slide(map, height, 1, x, y, &vx, half, clearance);
            y = slide(map, 1, height, y, x, &vy, half, clearance);
        }
        yaw -= 6.2831853f * floorf((yaw + 3.1415927f) / 6.2831853f);
        s[0] = x, s[1] = y, s[2] = yaw, s[3] = vx, s[4] = vy, s[5] = c[2] / DT;
    }
}

static inline void slide_lane(int cells, int base, int stride, int stride_across, float *along, float across,
                              float *speed, float half, float clearance) {
    int backwards = *speed < 0;
    float side = backwards ? -half : half, gap = backwards ? -clearance : clearance;
    float moved = *along + *speed * DT;
    int edge = (int)(moved + side + 1), row = edge * stride - base;
    int low = row + (int)(across - half + 1) * stride_across, high = row + (int)(across + half + 1) * stride_across;
    int wall = ((cells >> (low & 31)) | (cells >> (high & 31))) & (*speed != 0);
    float stopped = (float)(edge - 1 + backwards) - side - gap;
    *along = wall ? stopped : moved;
    *speed = wall ? 0 : *speed;
}

/* Without a branch, for blocks of agents: numbers in rows, which the compiler turns into vectors; the walls of the 5 x 5
 * cells around an agent are 25 bits of neighbours int32 [n][width][height]. Frames fewer than lead out of those. */
void frames_simd(float *states, const int32_t *neighbours, int width, int height, const float *commands, int n,
                 int frames, const float *k) {
    float half = k[0], top = k[1], friction = k[3], stop = k[4], rest = k[5], clearance = k[6];
    float gain = k[2] * DT * top;
    for (int first = 0; first < n; first += LANES) {
        int lanes = n - first < LANES ? n - first : LANES, curves = 0;
        float x[LANES], y[LANES], yaw[LANES], vx[LANES], vy[LANES], ahead[LANES], left[LANES], turn[LANES];
        float wish_x[LANES], wish_y[LANES], limit[LANES];
        int cells[LANES], base[LANES];
        for (int i = 0; i < lanes; i++) {
            const float *s = states + 6 * (first + i), *c = commands + 3 * (first + i);
            x[i] = s[0], y[i] = s[1], yaw[i] = s[2], vx[i] = s[3], vy[i] = s[4];
            float length = sqrtf(c[0] * c[0] + c[1] * c[1]), inverse = length > 0 ? 1 / length : 0;
            ahead[i] = c[0] * inverse, left[i] = c[1] * inverse, turn[i] = c[2];
            limit[i] = length > 0 ? gain : 0;
            curves |= (length > 0) & (c[2] != 0);
            int column = (int)(x[i] + 1), row = (int)(y[i] + 1);
            cells[i] = neighbours[((size_t)(first + i) * width + column) * height + row];
            base[i] = 5 * (column - 2) + row - 2;
        }
        for (int frame = 0; frame < frames; frame++) {
            for (int i = 0; i < lanes; i++) yaw[i] += turn[i];
            if (frame == 0 || curves)
                for (int i = 0; i < lanes; i++) {
                    float sine = sinf(yaw[i]), cosine = cosf(yaw[i]);
                    wish_x[i] = cosine * ahead[i] - sine * left[i];
                    wish_y[i] = sine * ahead[i] + cosine * left[i];
                }
            for (int i = 0; i < lanes; i++) {
                float u = vx[i], v = vy[i], speed = sqrtf(u * u + v * v);
                float kept = speed - (speed > stop ? speed : stop) * friction * DT;
                float scale = (kept > 0 ? kept : 0) / (speed > 1e-9f ? speed : 1e-9f);
                scale = speed < rest ? 0 : scale;
                u *= scale, v *= scale;
                float missing = top - (u * wish_x[i] + v * wish_y[i]);
                float added = missing < limit[i] ? missing : limit[i];
                added = added > 0 ? added : 0;
                u += added * wish_x[i], v += added * wish_y[i];
                slide_lane(cells[i], base[i], 5, 1, &x[i], y[i], &u, half, clearance);
                slide_lane(cells[i], base[i], 1, 5, &y[i], x[i], &v, half, clearance);
                vx[i] = u, vy[i] = v;
            }
        }
        for (int i = 0; i < lanes; i++) {
            float *s = states + 6 * (first + i);
            yaw[i] -= 6.2831853f * floorf((yaw[i] + 3.1415927f) / 6.2831853f);
            s[0] = x[i], s[1] = y[i], s[2] = yaw[i], s[3] = vx[i], s[4] = vy[i], s[5] = turn[i] / DT;
        }
    }
}
