// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Settings;

/// <summary>A control-plane component as a pod that the kubelet runs from a file, as kubeadm writes it.</summary>
internal sealed class StaticPod(NodeView view, Component component, IReadOnlyList<CommandFlag> flags)
{
    /// <summary>The manifest in YAML.</summary>
    public string Text => YamlWriter.WriteInOrder(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = Metadata(),
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(Container()),
            ["hostNetwork"] = true,
            ["priorityClassName"] = "system-node-critical",
            ["securityContext"] = new JsonObject { ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } },
            ["volumes"] = new JsonArray([.. StaticPodVolumes.Of(view, component, flags).Select(volume => volume.ToVolume())]),
        },
    });

    private JsonObject Metadata()
    {
        var metadata = new JsonObject
        {
            ["name"] = component.Name,
            ["namespace"] = "kube-system",
            ["labels"] = new JsonObject { ["component"] = component.Name, ["tier"] = "control-plane" },
        };
        // kubeadm's later phases and its upgrade read these.
        var annotations = new JsonObject();
        if (component == Component.KubeApiServer)
            annotations["kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint"] = Endpoint(view.Configuration.EndpointPort);
        if (component == Component.Etcd)
            annotations["kubeadm.kubernetes.io/etcd.advertise-client-urls"] = $"https://{Endpoint(EtcdFlags.ClientPort)}";
        if (annotations.Count > 0)
            metadata["annotations"] = annotations;
        return metadata;
    }

    private string Endpoint(int port) => ClusterConfiguration.UrlOf(view.Node.Address.ToString(), port)["https://".Length..];

    private JsonObject Container()
    {
        var container = new JsonObject
        {
            ["name"] = component.Name,
            ["image"] = Image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["command"] = new JsonArray([JsonValue.Create(component.Name), .. flags.Select(flag => JsonValue.Create(flag.ToString()))]),
        };
        foreach (var (name, probe) in StaticPodProbes.Of(view, component))
            container[name] = probe;
        container["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = Processor } };
        container["volumeMounts"] = new JsonArray([.. StaticPodVolumes.Of(view, component, flags).Select(volume => volume.ToMount())]);
        return container;
    }

    private string Processor =>
        component == Component.KubeApiServer ? "250m" : component == Component.KubeControllerManager ? "200m" : "100m";

    private string Image => component != Component.Etcd
        ? $"{view.Configuration.ImageRepository}/{component.Name}:v{view.Version}"
        : view.Configuration.EtcdImage ?? $"{view.Configuration.ImageRepository}/etcd:{EtcdTag}";

    /// <summary>The etcd that kubeadm takes for a version of Kubernetes.</summary>
    private string EtcdTag => view.Version.Minor switch
    {
        < 22 => "3.4.13-0",
        < 34 => "3.5.24-0",
        _ => "3.6.9-0",
    };
}
