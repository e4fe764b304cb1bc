#!/bin/sh
rm unwanted.txt
