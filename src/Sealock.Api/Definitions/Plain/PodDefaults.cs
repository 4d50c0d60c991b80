// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>What a pod says by not saying it.</summary>
internal static class PodDefaults
{
    private const int FileMode = 0b110_100_100;

    public static void Fill(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("restartPolicy", "Always");
        spec.Default("schedulerName", "default-scheduler");
        spec.Ensure("securityContext");
        if (!spec.Has("terminationGracePeriodSeconds"))
        {
            spec["terminationGracePeriodSeconds"] = 30;
        }

        if (!spec.Has("enableServiceLinks"))
        {
            spec["enableServiceLinks"] = true;
        }

        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")).OfType<JsonObject>())
        {
            FillContainer(container, spec.IsTrue("hostNetwork"));
        }

        foreach (var volume in spec.Items("volumes").OfType<JsonObject>())
        {
            FillVolume(volume);
        }
    }

    private static void FillContainer(JsonObject container, bool hostNetwork)
    {
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", IsLatest(container.Text("image")) ? "Always" : "IfNotPresent");
        var resources = container.Ensure("resources");
        foreach (var (name, limit) in resources.Map("limits")?.ToArray() ?? [])
        {
            resources.Ensure("requests").Default(name, limit!.DeepClone());
        }

        foreach (var port in container.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            if (hostNetwork && (port.Number("hostPort") ?? 0) == 0 && port["containerPort"] is { } number)
            {
                port["hostPort"] = number.DeepClone();
            }
        }

        foreach (var variable in container.Items("env"))
        {
            variable.Map("valueFrom", "fieldRef")?.Default("apiVersion", "v1");
        }

        foreach (var probe in ((string[])["livenessProbe", "readinessProbe", "startupProbe"]).Select(p => container.Map(p)))
        {
            FillProbe(probe);
        }

        foreach (var hook in ((string[])["postStart", "preStop"]).Select(h => container.Map("lifecycle", h)))
        {
            FillHttp(hook.Map("httpGet"));
        }
    }

    private static void FillProbe(JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        foreach (var (field, value) in ((string, int)[])
            [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)])
        {
            if (probe.Number(field) is null or 0)
            {
                probe[field] = value;
            }
        }

        FillHttp(probe.Map("httpGet"));
    }

    private static void FillHttp(JsonObject? action)
    {
        action?.Default("path", "/");
        action?.Default("scheme", "HTTP");
    }

    private static void FillVolume(JsonObject volume)
    {
        if (volume.All(p => p.Key == "name" || p.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in ((string[])["secret", "configMap", "projected", "downwardAPI"]).Select(s => volume.Map(s)))
        {
            if (source is not null && !source.Has("defaultMode"))
            {
                source["defaultMode"] = FileMode;
            }
        }

        if (volume.Map("hostPath") is { } host && !host.Has("type"))
        {
            host["type"] = "";
        }

        foreach (var source in volume.Map("projected").Items("sources"))
        {
            if (source.Map("serviceAccountToken") is { } token && !token.Has("expirationSeconds"))
            {
                token["expirationSeconds"] = 3600;
            }
        }

        foreach (var item in volume.Map("downwardAPI").Items("items"))
        {
            item.Map("fieldRef")?.Default("apiVersion", "v1");
        }
    }

    // name[:tag][@digest]; without tag and digest the tag is "latest".
    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.LastIndexOf(':');
        return colon < 0 || name[(colon + 1)..] == "latest";
    }
}
