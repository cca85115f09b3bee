# SPDX-License-Identifier: GPL-3.0-or-later
# Stand-in: the real one compiles with g++; this one wants the same two folders and copies a script.
bin/all_reduce_test: all_reduce_test.sh
	test -x $(MPI_HOME)/bin/mpirun
	test -d $(ASCEND_DIR)
	mkdir -p bin
	install -m 0755 all_reduce_test.sh bin/all_reduce_test
