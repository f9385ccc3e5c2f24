"""Trains a forest for blocks; runs in an environment of its own, which has LightGBM.

    python lightgbm_forest.py BLOCKS.npz FOREST.npz

Reads features (b, f), labels and weights (b,); writes what pipeline.extract.page.forest.Forest is
made of. The same blocks give the same forest.
"""

import sys

import lightgbm
import numpy as np

TREES = 80
SETTINGS = {
    "objective": "cross_entropy",  # labels are shares
    "num_leaves": 24,
    "learning_rate": 0.15,
    "min_data_in_leaf": 40,
    "lambda_l2": 5,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "seed": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def main():
    source, target = sys.argv[1:]
    blocks = np.load(source)
    rows = lightgbm.Dataset(
        blocks["features"], blocks["labels"], weight=blocks["weights"] / blocks["weights"].mean()
    )
    trees = lightgbm.train(SETTINGS, rows, TREES).dump_model()["tree_info"]
    sizes, features, thresholds, children, leaves = [], [], [], [], []
    for tree in trees:
        nodes, values = flat(tree["tree_structure"])
        sizes.append(len(nodes))
        features += [feature for feature, _, _ in nodes]
        thresholds += [threshold for _, threshold, _ in nodes]
        children += [sides for _, _, sides in nodes]
        leaves += values
    np.savez(
        target,
        sizes=np.array(sizes, np.uint8),
        features=np.array(features, np.uint8),
        thresholds=np.array(thresholds, np.float32),
        children=np.array(children, np.int8),
        leaves=np.array(leaves, np.float32),
    )


def flat(root):
    """A tree's nodes, root first, as [feature, threshold, [left, right]], and its leaves."""
    nodes, leaves = [], []

    def visit(branch):
        if "leaf_value" in branch:
            leaves.append(branch["leaf_value"])
            return -len(leaves)
        here = len(nodes)
        nodes.append([branch["split_feature"], branch["threshold"], None])
        nodes[here][2] = [visit(branch["left_child"]), visit(branch["right_child"])]
        return here

    visit(root)
    return nodes, leaves


if __name__ == "__main__":
    main()
