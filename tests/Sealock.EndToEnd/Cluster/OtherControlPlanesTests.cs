// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>Control planes with other layouts, keys and authorities than the usual.</summary>
public sealed class OtherControlPlanesTests
{
    /// <summary>All at once, since they have nothing to do with each other; one by one where there is time (see eng/long).</summary>
    public static TheoryData<string> Settings() => Environment.GetEnvironmentVariable("SEALOCK_CONTROL_PLANES") is null
        ? ["layout: flat\nintermediateCA: true\nkeyAlgorithm: RSA-2048"]
        : ["layout: flat", "intermediateCA: true", "keyAlgorithm: RSA-2048", "keyAlgorithm: ECDSA-P384", "caKeysApart: true",
            "layout: flat\nintermediateCA: true\nkeyAlgorithm: RSA-2048"];

    [PeerTheory("kubernetes", "kubectl", "curl")]
    [MemberData(nameof(Settings))]
    public async Task The_control_plane_works(string settings)
    {
        await using var plane = await ControlPlane.CreateAsync(1, settings);
        await plane.StartEtcdAsync("master1");
        await plane.StartApiServerAsync("master1");
        var bindings = plane.Flat ? "/srv/kubernetes/bootstrap-rbac.yaml" : "/etc/kubernetes/bootstrap-rbac.yaml";
        (await plane.KubectlAsync("master1", "super-admin.conf", "apply", "-f", plane.RootOf("master1") + bindings)).Succeeded();
        await plane.StartAsync("kube-controller-manager", "master1");
        await plane.UntilAsync(() => plane.KubectlAsync("master1", "admin.conf", "get", "serviceaccount", "default", "-o", "name"));

        (await plane.KubectlAsync("master1", "admin.conf", "get", "namespaces")).Succeeded();
        foreach (var (node, kubeconfig) in new[] { ("master1", "scheduler.conf"), ("worker1", "kubelet.conf"), ("worker1", "kube-proxy.conf") })
        {
            (await plane.KubectlAsync(node, kubeconfig, "get", "services")).Succeeded();
            (await plane.KubectlAsync(node, kubeconfig, "get", "secrets")).Failed();
        }

        if (settings.Contains("caKeysApart", StringComparison.Ordinal))
            await Certification.ShowAbsentAsync(plane);
        else
            await Certification.ShowAsync(plane);

        // Where no kubelet probes the API server, nobody is heard without credentials.
        var anonymous = await Tool.RunAsync("curl", [
            "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", plane.PkiFile("master1", "ca.crt"), $"https://{plane.AddressOf("master1")}:6443/livez"]);
        Assert.Equal(plane.Flat ? "401" : "200", anonymous.Succeeded());
    }
}
