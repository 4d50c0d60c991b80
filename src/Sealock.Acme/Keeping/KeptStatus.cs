// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Acme.Keeping;

/// <summary>What is known of a kept certificate from its files alone.</summary>
/// <param name="Names">The names that are wanted.</param>
/// <param name="Server">The URL of the server's directory.</param>
/// <param name="Leaf">The certificate; null for none yet.</param>
/// <param name="DueAt">When it is due, by the last suggestion or its lifetime; null where there is none.</param>
/// <param name="Failures">How often in a row there was no new one in the end.</param>
/// <param name="LastFailure">Why, the last time; with no failures: what this machine lacked, so that the server was not asked.</param>
/// <param name="NextTry">When it is tried again after that.</param>
public sealed record KeptStatus(
    IReadOnlyList<string> Names, string Server, Certificate? Leaf, DateTimeOffset? DueAt, int Failures, string? LastFailure,
    DateTimeOffset? NextTry);
