// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Probing;

namespace Sealock.Settings;

/// <summary><c>--probe-allow</c>, alike for a server and for controllers.</summary>
internal static class ProbeFlag
{
    public const string Help = "addresses, and their ports, that the annotation sealock.dev/probe may name, such as 10.0.0.0/8:443 or [fd00::/8]:8000-8999, or none (default: the usual TLS ports of any other host, but for local and metadata addresses); repeatable";

    /// <summary>Adds what one value says to what was said before; a mistake is told and leaves it as it is.</summary>
    public static IReadOnlyList<ProbeRange>? Add(IReadOnlyList<ProbeRange>? before, string value, Action<string> mistake)
    {
        if (value == "none")
            return before ?? [];
        if (ProbeRange.TryParse(value, out var range))
            return [.. before ?? [], range];
        mistake($"\"{value}\" is neither CIDR[:PORT[-PORT]], such as 10.0.0.0/8:443 or [fd00::/8]:8000-8999, nor none");
        return before;
    }
}
