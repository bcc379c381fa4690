"""lit configuration of the unit tests: every *_test program of the build."""

import lit.formats

config.name = "minimax-unit"
config.suffixes = []
config.test_source_root = config.minimax_unit_dir
config.test_exec_root = config.minimax_unit_dir
config.test_format = lit.formats.GoogleTest(".", "_test")
