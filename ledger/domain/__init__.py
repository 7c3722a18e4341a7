"""Pure rules: values, one module per kind of case, no input or output, no clock, no random number."""
