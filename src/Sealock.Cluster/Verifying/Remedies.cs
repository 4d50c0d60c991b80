// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying;

/// <summary>
/// What to do, in the words of whoever keeps the files: commands of this program for a set, kubeadm's where a node is
/// kubeadm's own, openssl's for loose files.
/// </summary>
internal static class Remedies
{
    /// <summary>A new certificate with the right content.</summary>
    public static string Reissue(Survey survey, SurveyedFile file)
    {
        var name = file.Role.Leaf?.Name;
        if (survey.Scope.Set is not null)
            return name is null ? $"remove {file.PathOnNode}: no part of the configuration needs it" : $"sealock pki renew {name} --node {file.Node}";
        if (survey.Scope.IsKubeadm && name is not null)
            return ByKubeadm(file, name);
        return name is null
            ? $"reissue {Path.GetFileName(file.Path)} with its CA (sealock pki import {survey.Scope.Folder} takes the cluster over)"
            : $"sealock pki import {survey.Scope.Folder} --out cluster, then sealock pki renew {name} --dir cluster";
    }

    /// <summary>The same certificate for longer: what it says stays.</summary>
    public static string Renew(Survey survey, SurveyedFile file) =>
        survey.Scope is { Set: null, IsKubeadm: true } && file.Role.Leaf?.Name is { } name && name is not ("kubelet-serving" or "kubelet.conf" or "kube-proxy.conf")
            ? $"kubeadm certs renew {name}, then restart the static pods"
            : Reissue(survey, file);

    /// <summary>A file that is missing.</summary>
    public static string Make(Survey survey, SurveyedFile file) => survey.Scope.Set is not null
        ? $"sealock pki init --out {survey.Scope.Folder} makes what is missing and keeps the rest"
        : Reissue(survey, file);

    /// <summary>An authority that has to be replaced, with everything below it.</summary>
    public static string Rotate(Survey survey, PlannedAuthority? authority) => survey.Scope.Set is not null && authority is not null
        ? $"sealock pki rotate {authority.Name}"
        : $"sealock pki import {survey.Scope.Folder} --out cluster, then sealock pki rotate {authority?.Name ?? "ca"} --dir cluster";

    /// <summary>The right bundle on a node.</summary>
    public static string RestoreBundle(Survey survey, SurveyedFile file) => survey.Scope.Set is not null
        ? $"sealock pki init --out {survey.Scope.Folder} writes the right one; then sealock pki distribute{(file.Node.Length > 0 ? $" --node {file.Node}" : "")}"
        : $"put the CA certificate of a control-plane node in its place: {file.PathOnNode}";

    /// <summary>An owner's permissions.</summary>
    public static string Mode(SurveyedFile file, string octal) => $"chmod {octal} {file.Path}";

    private static string ByKubeadm(SurveyedFile file, string name)
    {
        var path = file.PathOnNode;
        if (name is "kubelet-serving")
            return "set serverTLSBootstrap: true in the KubeletConfiguration, restart the kubelet and approve its request";
        if (file.Body is KubeconfigBody || path.EndsWith(".conf", StringComparison.Ordinal))
        {
            return name == "kube-proxy.conf"
                ? $"make {path} anew with sealock pki import, then sealock pki renew {name}"
                : $"rm {path} && kubeadm init phase kubeconfig {name[..^".conf".Length]}";
        }

        return $"rm {Path.ChangeExtension(path, null)}.{{crt,key}} && kubeadm init phase certs {name}";
    }
}
