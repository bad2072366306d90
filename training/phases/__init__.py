"""The three LightningModules: MLM, intermediate, target."""
