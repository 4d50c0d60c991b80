// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Settings;

/// <summary>Which files of settings stand on a node beside its certificates.</summary>
internal static class SettingFiles
{
    /// <summary>Paths and contents. With kubeadm's layout static pods, else files of flags for units of systemd.</summary>
    public static IEnumerable<(string Path, FileContent Content)> Of(ClusterConfiguration configuration, ClusterNode node)
    {
        var (view, settings) = (new NodeView(configuration, node, ""), new ComponentSettings(configuration, node));
        var paths = view.Paths;
        if (node.IsControlPlane)
        {
            yield return (paths.PkiFile(SecretSettings.EncryptionFile), new SecretSetting(SecretSettings.EncryptionFile));
            if (configuration.TokenUsers.Count > 0)
                yield return (paths.PkiFile(SecretSettings.TokenFile), new SecretSetting(SecretSettings.TokenFile));
            if (view.LimitsAnonymousPaths)
                yield return (paths.PkiFile(SettingTexts.AuthenticationFile), new Setting(SettingTexts.Authentication(view.Version)));
            if (node == configuration.ControlPlane.First())
                yield return (paths.BootstrapManifest, new Setting(BootstrapManifest.Text));
        }

        foreach (var component in settings.Components)
        {
            if (configuration.Layout == ClusterLayout.Flat)
                yield return (paths.EnvironmentFile(component.Name), new Setting(settings.EnvironmentOf(component)));
            else if (component.IsControlPlane)
                yield return ($"{paths.Manifests}/{component.Name}.yaml", new Setting(settings.ManifestOf(component)));
        }

        if (configuration.Layout == ClusterLayout.Kubeadm)
        {
            // The variable that kubeadm's own unit for the kubelet reads from this file.
            yield return (paths.EnvironmentFile("kubelet"), new Setting(
                SettingTexts.Environment("KUBELET_KUBEADM_ARGS", NodeFlags.IdentityOfKubelet(view))));
        }

        yield return (paths.KubeletConfiguration, new Setting(SettingTexts.Kubelet(view)));
        yield return (paths.ProxyConfiguration, new Setting(SettingTexts.Proxy(view)));
    }
}
