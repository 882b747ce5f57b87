package main

type callCmd struct{}

func (callCmd) Run() error { return nil }
