// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Gateway.Authentication;

namespace Sealock.Tests.Revocation;

public sealed class RevocationRegistryTests
{
    [Fact]
    public void What_is_locked_out_is_what_the_objects_say_whatever_came_before() => Prop.ForAll(
        Gen.Choose(0, 9999).ArrayOf(80).ToArbitrary(), Play).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static bool Play(int[] moves)
    {
        var registry = new RevocationRegistry();
        var fed = Revocations.None;
        registry.Feed(value => fed = value);
        var model = new Dictionary<string, Lockout>();
        foreach (var move in moves)
        {
            var name = $"object-{move % 10}";
            if (move / 10 % 4 == 0)
            {
                registry.Remove(name);
                model.Remove(name);
            }
            else
            {
                var lockout = new Lockout((LockoutKind)(move / 10 % 4), $"v{move / 100 % 5}");
                registry.Put(name, lockout);
                model[name] = lockout;
            }

            Assert.Same(registry.Current, fed);
            foreach (var (kind, present) in new[]
            {
                (LockoutKind.User, fed.Users), (LockoutKind.Credential, fed.Credentials),
                (LockoutKind.Certificate, fed.Certificates), (LockoutKind.Key, fed.Keys),
            })
            {
                Assert.Equal(
                    model.Values.Where(one => one.Kind == kind).Select(one => one.Value).Distinct().Order(), present.Order());
            }
        }

        return true;
    }
}
