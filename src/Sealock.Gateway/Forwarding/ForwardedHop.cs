// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Forwarding;

/// <summary>What one proxy says of the one that came to it.</summary>
/// <param name="For">Who came, as it is written; null where it is not said.</param>
/// <param name="Proto">Over which scheme; null where it is not said.</param>
internal readonly record struct ForwardedHop(string? For, string? Proto);
