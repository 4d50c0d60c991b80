// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Controllers.Issuance;

/// <summary>
/// The name of every step at which a process can end and another must be able to go on, as told to
/// <see cref="IssuanceOptions.FaultPoint"/>. Tests kill the process at each of them.
/// </summary>
internal static class FaultPoints
{
    /// <summary>Steps of every issuance, whoever signs.</summary>
    public static ImmutableArray<string> Issuance { get; } =
        ["mark", "next-key", "request", "temporary", "sign", "hand-in", "secret", "status", "fail", "delete-key", "prune"];

    /// <summary>Steps of an order at an ACME server.</summary>
    public static ImmutableArray<string> Acme { get; } =
    [
        "acme.account.key", "acme.account.register", "acme.order.create", "acme.order.announce", "acme.order.new", "acme.order.made", "acme.order.stored",
        "acme.order.challenges", "acme.challenge.present", "acme.challenge.tell", "acme.challenge.told", "acme.challenge.decided",
        "acme.challenge.cleanup", "acme.order.finalize", "acme.order.download", "acme.order.certificate", "acme.order.fail",
    ];

    /// <summary>Steps by which an account gets another key.</summary>
    public static ImmutableArray<string> Rollover { get; } = ["acme.rollover.key", "acme.rollover.change", "acme.rollover.switch"];

    /// <summary>Steps of the account that is kept of a CA and its renewal.</summary>
    public static ImmutableArray<string> Authority { get; } =
    [
        "authority-record", "authority-discard", "authority-follow", "authority-begin", "authority-return", "authority-settle",
        "authority-reissue", "authority-withdraw", "authority-finish", "authority-tell",
    ];
}
