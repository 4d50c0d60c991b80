// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>What ports of services, endpoints and containers have in common.</summary>
internal static class PortRules
{
    public static IEnumerable<FieldError> CheckProtocol(string protocol, FieldPath path) => protocol switch
    {
        "" => [path.Required()],
        "TCP" or "UDP" or "SCTP" => [],
        _ => [path.NotSupported(protocol, "SCTP", "TCP", "UDP")],
    };

    public static IEnumerable<FieldError> CheckAppProtocol(JsonNode? port, FieldPath path) => port.Has("appProtocol")
        ? NameRules.LabelKey(port.Text("appProtocol")).Select(w => path.Child("appProtocol").Invalid(port.Text("appProtocol"), w))
        : [];

    /// <summary>A port's number or name.</summary>
    public static IEnumerable<FieldError> CheckNumberOrName(JsonNode? port, FieldPath path) => port.AsNumber() is { } number
        ? NameRules.PortNumber(number).Select(w => path.Invalid(number, w))
        : NameRules.PortName(port.AsText()).Select(w => path.Invalid(port.AsText(), w));
}
