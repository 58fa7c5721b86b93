library(dada2)
library(phyloseq)
# Minegishi 2024-01-09: truncation lengths from the quality profiles
out <- filterAndTrim("raw", "filtered", truncLen = c(270, 210), maxEE = c(2, 2))
err <- learnErrors("filtered", multithread = TRUE)
