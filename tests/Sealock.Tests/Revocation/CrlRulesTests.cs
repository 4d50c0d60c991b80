// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Controllers.Revocation;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;

namespace Sealock.Tests.Revocation;

public sealed class CrlRulesTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CertificateAuthority Ca = CertificateAuthority.CreateRoot("ca", KeyPair.Generate(), Begin);
    private static readonly CrlTimes Times = new();

    /// <summary>
    /// Months of revoking, holding, releasing and waiting, where the CA is looked at whenever something changes and
    /// whenever it asked for it.
    /// </summary>
    [Fact]
    public void Whatever_happens_the_lists_say_what_is_revoked() => Prop.ForAll(
        Gen.Choose(0, 999).ArrayOf(60).ToArbitrary(),
        moves => new Run().Play(moves)).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void A_number_rises_also_where_the_lists_before_are_lost()
    {
        var first = Decide(null, 0, Begin);
        Assert.True(Decide(null, 0, Begin.AddHours(1)).Request!.Number > first.Request!.Number);
        Assert.Equal(long.MaxValue - 1, (long)Decide(null, long.MaxValue - 2, Begin).Request!.Number);
    }

    [Fact]
    public void A_list_of_another_key_or_of_the_future_is_replaced()
    {
        var stranger = CertificateAuthority.CreateRoot("ca", KeyPair.Generate(), Begin);
        var foreign = stranger.IssueCrl(Decide(null, 0, Begin).Request!);
        Assert.NotNull(Decide(foreign, 1, Begin.AddSeconds(5)).Request);
        var future = Ca.IssueCrl(Decide(null, 0, Begin.AddDays(3)).Request!);
        Assert.Contains("clock", Decide(future, 1, Begin).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_do_not_follow_each_other_faster_than_they_may()
    {
        var present = Ca.IssueCrl(Decide(null, 0, Begin).Request!);
        var revoked = new RevocationSpecView { SerialNumber = "1f", RevokedAt = Begin };
        var early = CrlRules.Decide(Ca.Certificate, present, 1, [revoked], Begin.AddMilliseconds(300), Times);
        Assert.Null(early.Request);
        Assert.Equal(TimeSpan.FromMilliseconds(700), early.LookAgainAfter);
        Assert.NotNull(CrlRules.Decide(Ca.Certificate, present, 1, [revoked], Begin.AddSeconds(1), Times).Request);
    }

    [Theory]
    [InlineData("certificateHold", 0)]
    [InlineData("keyCompromise", 1)]
    public void What_is_final_stays_on_the_list_also_where_its_object_is_gone(string reason, int entries)
    {
        var revoked = new RevocationSpecView { SerialNumber = "1f", Reason = reason, RevokedAt = Begin, NotAfter = Begin.AddDays(90) };
        var first = Ca.IssueCrl(CrlRules.Decide(Ca.Certificate, null, 0, [revoked], Begin, Times).Request!);
        var next = CrlRules.Decide(Ca.Certificate, first, 1, [], Begin.AddDays(2), Times).Request!;
        Assert.Equal(entries, next.Revoked.Count);
    }

    private static CrlDecision Decide(CertificateRevocationList? present, long number, DateTimeOffset now) =>
        CrlRules.Decide(Ca.Certificate, present, number, [], now, Times);

    private sealed class Run
    {
        private readonly Dictionary<string, RevocationSpecView> _objects = [];
        private readonly Dictionary<string, RevocationSpecView> _finals = [];
        private readonly List<CertificateRevocationList> _lists = [];
        private DateTimeOffset _now = Begin;
        private DateTimeOffset _due = Begin;
        private int _serial = 16;

        private CertificateRevocationList? Present => _lists.LastOrDefault();

        public bool Play(int[] moves)
        {
            foreach (var move in moves)
            {
                Move(move);
                LookUntilQuiet();
                Check();
            }

            Wait(TimeSpan.FromDays(40));
            Check();
            // Everything has expired and said what it had to: nothing is left of it.
            Assert.All(_objects.Values, left => Assert.Equal("certificateHold", left.Reason));
            return true;
        }

        private void Move(int move)
        {
            var chosen = _objects.Count == 0 ? null : _objects.Keys.ElementAt(move / 10 % _objects.Count);
            switch (move % 10)
            {
                case < 4:
                    var spec = new RevocationSpecView
                    {
                        SerialNumber = (++_serial).ToString("x", null),
                        Reason = move % 2 == 0 ? "certificateHold" : "keyCompromise",
                        RevokedAt = _now.AddHours(-(move / 100)),
                        NotAfter = _now.AddHours((move / 10 % 40) * 18 - 20),
                    };
                    _objects[spec.SerialNumber] = spec;
                    break;
                case 4 when chosen is not null && _objects[chosen].Reason == "certificateHold":
                    _objects.Remove(chosen);
                    break;
                case 5 when chosen is not null && _objects[chosen].Reason == "certificateHold":
                    _objects[chosen] = _objects[chosen] with { Reason = "superseded" };
                    break;
                default:
                    Wait(TimeSpan.FromHours(move / 5.0));
                    break;
            }

            foreach (var (serial, spec) in _objects)
            {
                if (spec.Reason != "certificateHold")
                    _finals[serial] = spec;
            }
        }

        private void Wait(TimeSpan time)
        {
            var end = _now + time;
            while (_due < end)
            {
                _now = _due > _now ? _due : _now;
                LookUntilQuiet();
            }

            _now = end;
        }

        private void LookUntilQuiet()
        {
            for (var looks = 0; ; looks++)
            {
                Assert.InRange(looks, 0, 20);
                foreach (var spec in _objects.Values.ToList())
                {
                    if (spec.Reason != "certificateHold" && CrlRules.MayGo(spec, Present, true, _now, Times))
                        _objects.Remove(spec.SerialNumber);
                }

                var last = Present is { } present ? (long)present.Number! : 0;
                var decision = CrlRules.Decide(Ca.Certificate, Present, last, _objects.Values, _now, Times);
                Assert.True(decision.LookAgainAfter > TimeSpan.Zero);
                if (decision.Request is { } request)
                {
                    _lists.Add(Ca.IssueCrl(request));
                    Assert.True(_lists[^1].Number > last);
                    continue;
                }

                if (decision.LookAgainAfter > Times.ShortestInterval)
                {
                    _due = _now + decision.LookAgainAfter;
                    return;
                }

                _now += decision.LookAgainAfter;
            }
        }

        private void Check()
        {
            var list = Present!;
            Assert.Null(list.Refuse(Ca.Certificate));
            Assert.False(list.IsStaleAt(_now));
            Assert.True(list.ThisUpdate <= _now);
            foreach (var spec in _objects.Values.Where(spec => spec.NotAfter > _now))
                Assert.Equal(spec.Reason, RevocationReasonNames.Of(list.Find(SerialNumber.Parse(spec.SerialNumber))!.Reason));
            Assert.All(list.Entries.Keys, serial => Assert.Contains(serial.ToString().ToLowerInvariant(), _objects.Keys));
            // What was final was on a list that was issued after the certificate had expired.
            foreach (var spec in _finals.Values.Where(spec => !_objects.ContainsKey(spec.SerialNumber)))
            {
                Assert.Contains(_lists, one => one.ThisUpdate >= spec.NotAfter && one.Find(SerialNumber.Parse(spec.SerialNumber)) is not null);
            }
        }
    }
}
