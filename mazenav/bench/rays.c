/* Range scans in C, ray by ray (Amanatides & Woo): what a compiler makes of the usual loop.
 *
 * states float [n][6], of which x, y and yaw are read; solid uint8 [n][width][height] with a ring of wall; base float
 * [2][rays], directions in the body's frame; ranges float [n][rays], written.
 */
#include <math.h>
#include <stdint.h>

void range_scan(const float *states, const uint8_t *solid, int width, int height, const float *base, int n, int rays,
                float *ranges) {
    for (int agent = 0; agent < n; agent++) {
        const float *state = states + 6 * agent;
        const uint8_t *grid = solid + (long)agent * width * height;
        float cosine = cosf(state[2]), sine = sinf(state[2]), x = state[0] + 1, y = state[1] + 1;
        int i = (int)x, j = (int)y;
        for (int ray = 0; ray < rays; ray++) {
            float dx = cosine * base[ray] - sine * base[rays + ray], dy = sine * base[ray] + cosine * base[rays + ray];
            float inverse_x = dx ? 1 / dx : 1e30f, inverse_y = dy ? 1 / dy : 1e30f, range;
            int step_x = inverse_x > 0 ? height : -height, step_y = inverse_y > 0 ? 1 : -1, cell = i * height + j;
            float side_x = ((inverse_x > 0 ? i + 1 : i) - x) * inverse_x, delta_x = fabsf(inverse_x);
            float side_y = ((inverse_y > 0 ? j + 1 : j) - y) * inverse_y, delta_y = fabsf(inverse_y);
            do {
                if (side_x < side_y) {
                    cell += step_x, range = side_x, side_x += delta_x;
                } else {
                    cell += step_y, range = side_y, side_y += delta_y;
                }
            } while (!grid[cell]);
            ranges[agent * rays + ray] = range;
        }
    }
}
