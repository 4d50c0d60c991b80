// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Pki.Paths;

namespace Sealock.Gateway.Setup;

/// <summary>
/// The host name of a server is fixed by its set-up, since clients and agents everywhere know it. It changes only by a
/// move, in which the old name goes on being served for a while.
/// </summary>
public static class ServerSetupRules
{
    /// <summary>What is wrong with a host name; null where it is a name in lower case (RFC 1123) or an IP address.</summary>
    public static string? RefuseHostname(string hostname)
    {
        if (IPAddress.TryParse(hostname, out var address))
        {
            if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
                return "must be an address that clients can reach";
            if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
                return "must be an address without a zone";
            return address.ToString() == hostname ? null : $"must be written {address}";
        }

        // Kubernetes' names may have longer labels than those of hosts.
        if (NameRules.DnsSubdomain(hostname).Count > 0 || !HostNames.IsValidDnsName(hostname, allowWildcard: false))
            return "must be a host name in lower case, such as k8s.example.com, or an IP address";
        return hostname.AsSpan(hostname.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9')
            ? null : "must not end in a number, as only addresses do";
    }

    internal static IEnumerable<FieldError> Check(ObjectOperation operation)
    {
        var next = SetupView.Read(operation.Object);
        if (RefuseHostname(next.Hostname) is { } fault)
            yield return FieldError.Invalid("spec.hostname", FieldError.Quote(next.Hostname), fault);
        for (var i = 0; i < next.Previous.Length; i++)
        {
            var (name, _) = next.Previous[i];
            if (RefuseHostname(name) is { } previousFault)
                yield return FieldError.Invalid($"spec.previousHostnames[{i}].hostname", FieldError.Quote(name), previousFault);
            if (name == next.Hostname || next.Previous[..i].Any(other => other.Hostname == name))
                yield return FieldError.Duplicate($"spec.previousHostnames[{i}].hostname", FieldError.Quote(name));
        }

        if (operation.Old is null || SetupView.Read(operation.Old).Hostname is var before && before == next.Hostname)
            yield break;
        if (!next.Previous.Any(previous => previous.Hostname == before && previous.Until > operation.Now))
        {
            yield return FieldError.Invalid(
                "spec.hostname", FieldError.Quote(next.Hostname),
                $"is fixed by the set-up; to move, list {before} in previousHostnames until some time to come (sealock setup move)");
        }
    }
}
