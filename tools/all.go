package tools

import "slices"

// All lists every tool, by toolset.
func All() []Tool {
	return slices.Concat(containerTools(), imageTools(), composeTools(), podTools(), volumeTools(), networkTools(), secretTools(),
		systemTools(), machineTools(), kubeTools())
}

func containerTools() []Tool {
	return []Tool{
		podmanPs, podmanRun, podmanStop, podmanStart, podmanRestart, podmanRm, podmanLogs, podmanInspect, podmanStats,
		podmanTop, podmanPause, podmanUnpause, podmanKill, podmanRename, podmanUpdate, podmanDiff, podmanCommit, podmanPort,
		podmanExec, podmanWait, podmanCp,
	}
}

func imageTools() []Tool {
	return []Tool{
		podmanImages, podmanPull,
		podmanTag, podmanUntag, podmanRmi, podmanHistory, podmanSearch, podmanImageTree,
		podmanManifestCreate, podmanManifestAdd, podmanManifestPush, podmanManifestInspect,
		podmanBuild, podmanPush, podmanSave, podmanLoad,
	}
}

func composeTools() []Tool {
	return []Tool{
		podmanComposeUp, podmanComposeDown, podmanComposePs, podmanComposeLogs, podmanComposeStart, podmanComposeStop, podmanComposeRestart, podmanComposeExec,
		podmanComposePull, podmanComposeBuild, podmanComposeConfig, podmanComposeLs,
	}
}

func podTools() []Tool {
	return []Tool{
		podmanPodPs, podmanPodCreate, podmanPodStart, podmanPodStop, podmanPodRestart, podmanPodRm,
		podmanPodInspect, podmanPodLogs, podmanPodStats,
	}
}

func volumeTools() []Tool {
	return []Tool{
		podmanVolumeLs, podmanVolumeCreate, podmanVolumeRm, podmanVolumeInspect, podmanVolumePrune, podmanVolumeExport,
		podmanVolumeImport,
	}
}

func networkTools() []Tool {
	return []Tool{
		podmanNetworkLs, podmanNetworkCreate, podmanNetworkRm, podmanNetworkInspect, podmanNetworkConnect, podmanNetworkDisconnect,
		podmanNetworkPrune,
	}
}

func secretTools() []Tool {
	return []Tool{
		podmanSecretLs, podmanSecretCreate, podmanSecretRm, podmanSecretInspect,
	}
}

func systemTools() []Tool {
	return []Tool{
		podmanInfo, podmanVersion, podmanEvents, podmanSystemDf, podmanSystemPrune, podmanSystemConnectionLs,
	}
}

func machineTools() []Tool {
	return []Tool{
		podmanMachineLs, podmanMachineInspect, podmanMachineStart, podmanMachineStop, podmanMachineSet,
	}
}

func kubeTools() []Tool {
	return []Tool{
		podmanKubeGenerate, podmanKubePlay, podmanKubeDown, podmanKubeApply, podmanFarmBuild,
		podmanQuadletGenerate, podmanQuadletInstall, podmanQuadletLs, podmanQuadletRm,
	}
}
