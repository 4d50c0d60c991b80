// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>Judges what an endpoint showed against what a phase asks for. Pure.</summary>
public static class EndpointVerdict
{
    /// <summary>What is left to do at the endpoint, in plain words; null where it proves that it is in the phase.</summary>
    /// <param name="facts">What it showed.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="crossed">Whether the old CA has certified the new one.</param>
    public static string? Left(EndpointFacts facts, RotationPhase phase, bool crossed) => facts switch
    {
        { Failure: { } why } => $"cannot be asked: {why}",
        { SignedByNew: false } when PhaseRules.NewSigns(phase) => "serves a certificate of the old CA",
        { ChainsToNew: false } when PhaseRules.NewSigns(phase) => "serves the new certificate without the CAs that lead to the new root",
        { SignedByOld: false } when !PhaseRules.NewSigns(phase) => "serves a certificate of the new CA",
        { ChainsToOld: false } when crossed && PhaseRules.TrustsOld(phase) && PhaseRules.NewSigns(phase) =>
            "serves the new certificate without the cross-signed CA: clients that know only the old CA refuse it",
        { NewClient: ClientAcceptance.Refused } when PhaseRules.TrustsNew(phase) => "does not accept client certificates of the new CA",
        { OldClient: ClientAcceptance.Refused } when PhaseRules.TrustsOld(phase) => "does not accept client certificates of the old CA",
        { NewClient: ClientAcceptance.Accepted } when !PhaseRules.TrustsNew(phase) => "still accepts client certificates of the new CA",
        { OldClient: ClientAcceptance.Accepted } when !PhaseRules.TrustsOld(phase) => "still accepts client certificates of the old CA",
        _ => null,
    };

    /// <summary>Why the old CA cannot be withdrawn because of this endpoint; null where it can.</summary>
    public static string? StillNeedsOld(EndpointFacts facts) =>
        facts.Failure is { } why ? $"cannot be asked whether it needs the old CA: {why}"
        : !facts.SignedByNew || !facts.ChainsToNew ? "serves a certificate that only the old CA vouches for"
        : facts.NewClient == ClientAcceptance.Refused ? "does not accept client certificates of the new CA"
        : null;
}
