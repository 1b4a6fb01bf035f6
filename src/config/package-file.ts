/** Where the files of the package lie that are read while the program runs. */

/**
 * A file or a folder of the package, such as "dist/revision.txt". Other modules cannot find it relative to themselves: their code is
 * in a bundle, elsewhere than the compiler put it. This module's own place and the bundle's both lie two folders below the package.
 */
export const packageFile = (path: string): URL => new URL(`../../${path}`, import.meta.url);
