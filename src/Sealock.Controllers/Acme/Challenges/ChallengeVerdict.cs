// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Challenges;

/// <summary>What the server's word on an authorization means for a Challenge: pure.</summary>
/// <param name="State">The state; pending while nothing is decided.</param>
/// <param name="Reason">Why it is so.</param>
/// <param name="WasTold">Whether the server knows that the answer is in place.</param>
internal sealed record ChallengeVerdict(string State, string Reason, bool WasTold)
{
    public const string Success = "Successfully authorized domain";

    public static ChallengeVerdict Of(ChallengeView challenge, AcmeAuthorization authorization)
    {
        var ours = authorization.Challenges.FirstOrDefault(offered => offered.Url == challenge.Spec.Url);
        switch (authorization.Status)
        {
            case AcmeStatus.Valid:
                return new(OrderStates.Valid, Success, true);
            case AcmeStatus.Pending when ours is { Status: AcmeStatus.Invalid }:
            case AcmeStatus.Invalid:
                var problem = (ours ?? authorization.Challenges.FirstOrDefault(offered => offered.Error is not null))?.Error;
                return new(
                    OrderStates.Invalid,
                    Remedies.Tell(problem?.ToString() ?? "the ACME server does not say why it refused the answer", problem, challenge.Spec.AcmeType),
                    true);
            case AcmeStatus.Pending or "":
                return new(OrderStates.Pending, "", ours is { Status: AcmeStatus.Processing or AcmeStatus.Valid });
            case AcmeStatus.Processing:
                return new(OrderStates.Pending, "", true);
            default:
                return new(OrderStates.Expired, $"the authorization is {authorization.Status}", false);
        }
    }
}
