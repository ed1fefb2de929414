/* The yardstick of `mazenav bench layouts`: mazes by depth-first search with backtracking, as fast as plain C goes.

   The task is that of the generator `backtracker`: n mazes of odd sides, one byte a cell, 1 wall and 0 free; every maze
   has a seed of its own, begins at a random node, and draws one of the closed neighbours with equal chance. Random
   numbers are a multiply-and-xor generator of one multiplication (wyrand), cheaper than that of mazenav. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint8_t choice[16][12];

static void fill_choice(void) {
    for (int mask = 1; mask < 16; mask++) {
        int members[4], count = 0;
        for (int direction = 0; direction < 4; direction++)
            if (mask >> direction & 1) members[count++] = direction;
        for (int number = 0; number < 12; number++) choice[mask][number] = members[number % count];
    }
}

static inline uint64_t next_bits(uint64_t *state) {
    *state += 0xa0761d6478bd642fULL;
    unsigned __int128 product = (unsigned __int128)*state * (*state ^ 0xe7037ed1a0b428dbULL);
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* Returns 0, or 1 where there is no memory. */
int backtrack(uint8_t *restrict walls, const uint64_t *restrict seeds, int64_t n, int32_t rows, int32_t columns) {
    const int32_t height = rows / 2, width = columns / 2, stride = width + 2;
    const int64_t cells = (int64_t)rows * columns, nodes = (int64_t)(height + 2) * stride;
    const int32_t node_step[4] = {-stride, stride, -1, 1}, cell_step[4] = {-columns, columns, -1, 1};
    uint8_t *seen = malloc(nodes), *rim = malloc(nodes);
    struct place { int32_t node, cell; } *path = malloc((int64_t)height * width * sizeof *path);
    if (!seen || !rim || !path) { free(seen); free(rim); free(path); return 1; }
    fill_choice();
    memset(rim, 1, nodes);
    for (int32_t r = 1; r <= height; r++) memset(rim + r * stride + 1, 0, width);
    for (int64_t i = 0; i < n; i++) {
        uint8_t *flat = walls + i * cells;
        uint64_t state = seeds[i];
        memset(flat, 1, cells);
        memcpy(seen, rim, nodes);
        uint64_t bits = next_bits(&state);
        int32_t r = (uint64_t)(uint32_t)bits * height >> 32, c = (bits >> 32) * width >> 32;
        int32_t node = (r + 1) * stride + c + 1, cell = (2 * r + 1) * columns + 2 * c + 1;
        int64_t depth = 0, left = (int64_t)height * width - 1;
        seen[node] = 1, flat[cell] = 0;
        while (left > 0) {
            int closed = seen[node - stride] | seen[node + stride] << 1 | seen[node - 1] << 2 | seen[node + 1] << 3;
            if (closed == 15) {
                depth--;
                node = path[depth].node, cell = path[depth].cell;
                continue;
            }
            path[depth].node = node, path[depth].cell = cell, depth++;
            int direction = choice[15 - closed][(next_bits(&state) >> 32) * 12 >> 32];
            node += node_step[direction];
            flat[cell + cell_step[direction]] = 0;
            cell += 2 * cell_step[direction];
            seen[node] = 1, flat[cell] = 0;
            left--;
        }
    }
    free(seen), free(rim), free(path);
    return 0;
}
