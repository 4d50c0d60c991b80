// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Rotation;

namespace Sealock.Tests.Pki.Rotation;

/// <summary>
/// Any interleaving of steps, crashes and undos over several members, with real certificates: at every moment each member,
/// whichever of its files it has loaded, accepts what each other one may show, and so do clients outside.
/// </summary>
public sealed class RotationMachineTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Members = ["a", "b", "c"];
    private static readonly Acceptance Certificates = new();

    [Fact]
    public void Nobody_ever_refuses_anybody() => Prop.ForAll(
        Gen.Choose(0, 999).ArrayOf(60).ToArbitrary(),
        moves => new Run().Play(moves)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Whatever_has_happened_a_rotation_can_be_brought_to_its_end() => Prop.ForAll(
        Gen.Choose(0, 999).ArrayOf(40).ToArbitrary(),
        moves =>
        {
            var run = new Run();
            return run.Play(moves) && run.PlayToEnd(back: false);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Whatever_has_happened_a_rotation_can_be_undone_to_its_beginning() => Prop.ForAll(
        Gen.Choose(0, 999).ArrayOf(40).ToArbitrary(),
        moves =>
        {
            var run = new Run();
            return run.Play(moves) && run.PlayToEnd(back: true);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void The_property_notices_a_rotation_that_skips_a_phase()
    {
        var run = new Run { Force = true };
        Assert.Throws<InvalidOperationException>(() =>
        {
            run.Advance();
            run.Advance();
            run.Advance();
            run.Change("a", complete: true);
        });
    }

    /// <summary>The machine and, beside it, what each member really holds: trust and shown certificates, loaded separately.</summary>
    private sealed class Run
    {
        private readonly Dictionary<string, (RotationPhase Trusts, RotationPhase Shows)> _real =
            Members.ToDictionary(member => member, _ => (RotationPhase.Stable, RotationPhase.Stable));

        private RotationState _state = RotationState.Start(Members);

        public bool Force { get; init; }

        public bool Play(int[] moves)
        {
            foreach (var move in moves)
            {
                var member = Members[move / 8 % Members.Length];
                switch (move % 8)
                {
                    case 0:
                        Advance();
                        break;
                    case 1:
                        Undo();
                        break;
                    case 2 or 3:
                        // A crash: bundle or leaf has been loaded, or neither; nothing is confirmed.
                        Change(member, complete: false, move / 64);
                        break;
                    default:
                        Change(member, complete: true);
                        break;
                }
            }

            return true;
        }

        public bool PlayToEnd(bool back)
        {
            for (var i = 0; i < PhaseRules.All.Count + 1; i++)
            {
                foreach (var member in Members)
                    Change(member, complete: true);
                if (_state.IsOver && (back ? _state.Phase is RotationPhase.Return or RotationPhase.Stable : _state.Phase is RotationPhase.Withdraw or RotationPhase.Return))
                    return true;
                if (back)
                    Undo();
                else
                    Advance();
            }

            return false;
        }

        public void Advance()
        {
            if (_state.Advance(Force).State is { } next)
                _state = next;
        }

        public void Change(string member, bool complete, int part = 0)
        {
            _state = _state.Begin(member);
            var (trusts, shows) = _real[member];
            _real[member] = complete ? (_state.Phase, _state.Phase)
                : ((part & 1) == 0 ? trusts : _state.Phase, (part & 2) == 0 ? shows : _state.Phase);
            if (complete)
                _state = _state.Confirm(member);
            Check();
        }

        private void Undo()
        {
            if (_state.Undo().State is { } next)
                _state = next;
        }

        private void Check()
        {
            foreach (var (verifier, holds) in _real)
            {
                foreach (var (presenter, other) in _real)
                {
                    if (!Certificates.Members(holds.Trusts, other.Shows))
                        throw new InvalidOperationException($"{verifier} in {holds.Trusts} refuses {presenter}, which shows what {other.Shows} asks for");
                }
            }

            // Outside: who knows only the old CA goes on until withdraw has been entered, who knows both always.
            var mayBeWithdrawn = _state.Phase == RotationPhase.Withdraw || _state.Members.Values.Any(phases => phases.Contains(RotationPhase.Withdraw));
            foreach (var (presenter, other) in _real)
            {
                if (!Certificates.Outside(knowsNew: true, other.Shows) || (!mayBeWithdrawn && !Certificates.Outside(knowsNew: false, other.Shows)))
                    throw new InvalidOperationException($"a client outside refuses {presenter}, which shows what {other.Shows} asks for");
            }
        }
    }

    /// <summary>Who accepts what, verified once for each pair of phases with certificates of a real rotation.</summary>
    private sealed class Acceptance
    {
        private readonly Dictionary<(RotationPhase, RotationPhase), bool> _members = [];
        private readonly Dictionary<(bool, RotationPhase), bool> _outside = [];

        public Acceptance()
        {
            using KeyPair oldKey = KeyPair.Generate(), newKey = KeyPair.Generate(), leafKey = KeyPair.Generate();
            var old = CertificateAuthority.CreateRoot("ca", oldKey, Now);
            var rotation = AuthorityRotation.ForRoot(AuthorityRoles.Of(old.Chain), oldKey, newKey, TimeSpan.FromDays(100), Now);
            Assert.NotEmpty(rotation.Cross);
            foreach (var shown in PhaseRules.All)
            {
                var roles = rotation.At(shown);
                var signer = PhaseRules.NewSigns(shown) ? newKey : oldKey;
                var leaf = new CertificateAuthority(roles.Signing, signer).Issue(
                    new()
                    {
                        Subject = DistinguishedName.Create("member"),
                        PublicKey = leafKey.PublicKey,
                        Profile = CertificateProfile.Peer,
                        Names = SubjectAlternativeNames.ForHosts("member"),
                    },
                    Now).Require();
                Assert.Equal(LeafDemand.Keep, LeafDemands.Of(roles.ChainOf(leaf), roles));
                foreach (var trusted in PhaseRules.All)
                    _members[(trusted, shown)] = Accepts(rotation.At(trusted).Trusted, leaf, []);
                _outside[(false, shown)] = Accepts(rotation.Old.Trusted, leaf, roles.Presented);
                _outside[(true, shown)] = Accepts([.. rotation.Old.Trusted, .. rotation.New.Trusted], leaf, roles.Presented);
            }
        }

        /// <summary>Without what stands after the leaf: a controller-manager's own leaves come without it, too.</summary>
        public bool Members(RotationPhase trusted, RotationPhase shown) => _members[(trusted, shown)];

        public bool Outside(bool knowsNew, RotationPhase shown) => _outside[(knowsNew, shown)];

        private static bool Accepts(IEnumerable<Certificate> trusted, Certificate leaf, IReadOnlyList<Certificate> presented) =>
            ChainVerifier.Verify(leaf, presented, new(trusted), new() { At = Now, Purposes = [KeyPurposes.ServerAuth] }).IsTrusted;
    }
}
