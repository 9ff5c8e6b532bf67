/**
 * `ng.nn.functional`: the ops of neural networks, each from the file of src/ops where it stands beside its derivative.
 * One line a file, alphabetical.
 */
export {};
