// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Settings;

/// <summary>How the kubelet learns that a static pod of the control plane is well. All over TLS.</summary>
internal static class StaticPodProbes
{
    private const int ControllerManagerPort = 10257;
    private const int SchedulerPort = 10259;

    public static IEnumerable<(string Name, JsonObject Probe)> Of(NodeView view, Component component)
    {
        if (component == Component.Etcd)
        {
            // Over HTTP etcd would tell its health without a client certificate, which a kubelet cannot send. This client
            // has one made for it. A serializable read asks this member only: one without a quorum is not restarted.
            return Both(() => new JsonObject { ["exec"] = new JsonObject { ["command"] = EtcdQuestion(view) } });
        }

        if (component == Component.KubeApiServer)
        {
            var port = view.Configuration.EndpointPort;
            var host = view.Node.Address.ToString();
            if (!view.AnonymousHealth)
                return Both(() => new JsonObject { ["tcpSocket"] = new JsonObject { ["host"] = host, ["port"] = port } });
            return
            [
                .. Both(() => Get(host, port, "/livez")),
                ("readinessProbe", Timed(Get(host, port, "/readyz"), period: 1, failures: 3, delay: 0)),
            ];
        }

        var local = view.LocalAddress.ToString();
        return Both(() => Get(local, component == Component.KubeScheduler ? SchedulerPort : ControllerManagerPort, "/healthz"));
    }

    private static IEnumerable<(string Name, JsonObject Probe)> Both(Func<JsonObject> question) =>
    [
        ("livenessProbe", Timed(question(), period: 10, failures: 8, delay: 10)),
        ("startupProbe", Timed(question(), period: 10, failures: 24, delay: 10)),
    ];

    private static JsonObject Get(string host, int port, string path) => new()
    {
        ["httpGet"] = new JsonObject { ["host"] = host, ["path"] = path, ["port"] = port, ["scheme"] = "HTTPS" },
    };

    private static JsonObject Timed(JsonObject probe, int period, int failures, int delay)
    {
        probe["failureThreshold"] = failures;
        if (delay > 0)
            probe["initialDelaySeconds"] = delay;
        probe["periodSeconds"] = period;
        probe["timeoutSeconds"] = 15;
        return probe;
    }

    private static JsonArray EtcdQuestion(NodeView view) => new([.. new[]
    {
        "etcdctl",
        $"--endpoints={ClusterConfiguration.UrlOf(view.LocalAddress.ToString(), EtcdFlags.ClientPort)}",
        $"--cacert={view.Paths.PkiFile("etcd/ca.crt")}",
        $"--cert={view.Paths.PkiFile("etcd/healthcheck-client.crt")}",
        $"--key={view.Paths.PkiFile("etcd/healthcheck-client.key")}",
        "get", "--consistency=s", "--keys-only", "health",
    }.Select(word => JsonValue.Create(word))]);
}
