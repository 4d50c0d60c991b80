// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Forwarding;

/// <summary>
/// In which headers trusted proxies name their clients. One form is believed and never both: a proxy that writes one passes
/// the other on as it came from the client.
/// </summary>
public enum ForwardedForm
{
    /// <summary>In none.</summary>
    None,

    /// <summary><c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c>.</summary>
    XForwarded,

    /// <summary><c>Forwarded</c> (RFC 7239).</summary>
    Forwarded,
}
