"""Selection: the policy over signals, in which every drop has a rule that is named."""
