package main

type toolsCmd struct{}

func (toolsCmd) Run() error { return nil }
